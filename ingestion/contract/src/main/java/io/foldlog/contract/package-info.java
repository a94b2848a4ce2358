/** Events: their fields, codec and fold, in plain Java. All layers share these definitions. */
package io.foldlog.contract;
