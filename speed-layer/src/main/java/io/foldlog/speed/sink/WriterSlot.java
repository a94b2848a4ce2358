package io.foldlog.speed.sink;

import io.foldlog.contract.EventDecoder;
import io.foldlog.view.UserViewWriter;

/** What one task uses at a time; for one thread. */
record WriterSlot(EventDecoder decoder, UserViewWriter writer) {}
