/** The operator's application: provision, preflight, verify, dead letters, status, settings. */
package io.foldlog.admin;
