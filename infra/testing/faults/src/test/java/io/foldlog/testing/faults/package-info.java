/**
 * The fault tier: kills, outages, overload and damage under load, each verified on real servers.
 */
package io.foldlog.testing.faults;
