/** Tests of the meters. */
package io.foldlog.speed.meters;
