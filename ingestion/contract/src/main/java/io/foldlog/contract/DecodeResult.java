package io.foldlog.contract;

/** What a record of the log decodes to: an event, or the reason why it is none. */
public sealed interface DecodeResult permits UserEvent, Rejection {}
