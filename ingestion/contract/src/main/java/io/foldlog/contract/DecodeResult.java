package io.foldlog.contract;

/** The result of decoding a record: an event, or the reason why the record is rejected. */
public sealed interface DecodeResult permits UserEvent, Rejection {}
