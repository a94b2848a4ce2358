/** The catalogue of the batch layer's failure messages. */
package io.foldlog.batch.errors;
