/** The speed layer on real servers, as a process of its own. */
package io.foldlog.speed;
