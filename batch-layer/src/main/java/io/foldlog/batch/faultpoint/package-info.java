/** Test hooks: named points of a step at which a test pauses a run or ends its process. */
package io.foldlog.batch.faultpoint;
