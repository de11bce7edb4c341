/** What an editor says beside a member of an interface class: every attribute, method and field of a structure has a sentence of its own. */
import { join, resolve, sep } from 'node:path';
import ts from 'typescript';
import { expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
const ENTRY = join(root, 'src/classes.ts');
const CLASSES = join(root, 'src/cosem/classes') + sep;

/** Where the views of the values of a member stand. */
const VIEWS: ReadonlySet<string> = new Set(['type', 'parameter', 'returns', 'parameters']);

/** Names of the members below a type that come from the declarations of classes, and whether an editor has words for them. */
function membersOf(checker: ts.TypeChecker, of: ts.Type, path: string, found: Map<string, boolean>, depth = 0): void {
  for (const type of of.isUnion() ? of.types : [of]) {
    if (depth > 12 || (type.flags & (ts.TypeFlags.Object | ts.TypeFlags.Intersection)) === 0) continue;
    const element = checker.getIndexTypeOfType(type, ts.IndexKind.Number);
    if (element !== undefined) membersOf(checker, element, path, found, depth + 1);
    for (const symbol of checker.getPropertiesOfType(type)) {
      const declared = symbol.declarations?.some((node) => node.getSourceFile().fileName.startsWith(CLASSES)) ?? false;
      const name = `${path}.${symbol.name}`;
      if (declared) found.set(name, symbol.getDocumentationComment(checker).length > 0);
      // The types of values hang below a view: what it decodes is looked at in its place.
      const below = checker.getTypeOfSymbol(symbol);
      if (declared) membersOf(checker, below, name, found, depth + 1);
      else if (symbol.name === 'selectors') membersOf(checker, below, path, found, depth + 1);
      else if (VIEWS.has(symbol.name)) membersOf(checker, decoded(checker, below), path, found, depth + 1);
    }
  }
}

/** What a view decodes; what is no view, such as the `type` of Data, stays as it is. */
function decoded(checker: ts.TypeChecker, view: ts.Type): ts.Type {
  const decode = checker.getNonNullableType(view).getProperty('decode');
  const signature = decode && checker.getTypeOfSymbol(decode).getCallSignatures()[0];
  return signature === undefined ? view : checker.getReturnTypeOfSignature(signature);
}

it('every member of an interface class has a sentence in an editor', { timeout: 120_000 }, () => {
  const { options } = ts.parseJsonConfigFileContent(
    ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile).config,
    ts.sys,
    root,
  );
  const program = ts.createProgram([ENTRY], options);
  const checker = program.getTypeChecker();
  const entry = checker.getSymbolAtLocation(program.getSourceFile(ENTRY) as ts.SourceFile) as ts.Symbol;
  const found = new Map<string, boolean>();
  for (const exported of checker.getExportsOfModule(entry)) {
    const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported;
    if (symbol.declarations?.some((node) => node.getSourceFile().fileName.startsWith(CLASSES)) !== true) continue;
    const isValue = (symbol.flags & ts.SymbolFlags.Value) !== 0;
    const type = isValue ? checker.getTypeOfSymbol(symbol) : checker.getDeclaredTypeOfSymbol(symbol);
    if (!isValue) membersOf(checker, type, symbol.name, found);
    for (const part of ['attributes', 'methods']) {
      const members = isValue ? type.getProperty(part) : undefined;
      if (members !== undefined) membersOf(checker, checker.getTypeOfSymbol(members), `${symbol.name}.${part}`, found);
    }
  }
  expect([...found.keys()]).toEqual(
    expect.arrayContaining([
      'Register.attributes.value',
      'AssociationLnV1.attributes.associatedPartnersId',
      'AssociationLnObject.associatedPartnersId.clientSap',
      'AssociationLnV1.attributes.objectList.accessRights.attributeAccess.accessMode',
      'AssociationLnV1.methods.addObject.logicalName',
      'ProfileGenericObject.buffer.range.restrictingObject.dataIndex',
    ]),
  );
  expect([...found].filter(([, said]) => !said).map(([name]) => name)).toEqual([]);
});
