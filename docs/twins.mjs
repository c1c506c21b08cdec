// @ts-check
/**
 * A plugin for TypeDoc: the methods that lib/crypto/twins.ts makes of a table have the comments of the table's entries,
 * which TypeDoc does not find by itself.
 */
import { Converter } from 'typedoc';

/** @param {import('typedoc').Application} app */
export function load(app) {
  app.converter.on(Converter.EVENT_CREATE_SIGNATURE, (context, signature) => {
    const [entry] = context.getSymbolFromReflection(signature.parent)?.declarations ?? [];
    if (entry !== undefined) signature.comment ??= context.getNodeComment(entry, false);
  });
}
