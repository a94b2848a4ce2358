/** The Delta tables under the lake root: their shapes, their commits and who may write them. */
package io.foldlog.batch.lake;
