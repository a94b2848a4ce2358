/** Tests that span all layers, on real servers. The verifier checks the result. */
package io.foldlog.testing.scenarios;
