package io.foldlog.speed.sink;

import io.foldlog.contract.EventDecoder;
import io.foldlog.view.UserViewWriter;

/** A decoder and a view writer that one task uses at a time. Not thread-safe. */
record WriterSlot(EventDecoder decoder, UserViewWriter writer) {}
