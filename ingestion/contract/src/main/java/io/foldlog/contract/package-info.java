/**
 * What an event means: its fields, its codec and its fold, in plain Java, for every layer alike.
 */
package io.foldlog.contract;
