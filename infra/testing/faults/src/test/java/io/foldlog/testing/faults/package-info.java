/** The fault tier: kills, outages, overload and damage under load, on real servers. */
package io.foldlog.testing.faults;
