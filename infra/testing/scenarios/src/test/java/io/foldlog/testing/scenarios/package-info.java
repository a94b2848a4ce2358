/** Stories that span the layers, on real servers, judged by the verifier. */
package io.foldlog.testing.scenarios;
