package python

import (
	tree_sitter_python "github.com/tree-sitter/tree-sitter-python/bindings/go"

	"github.com/buildscope/buildscope/pipeline/cpg/python/flat"
)

// Kinds of nodes that the walk tells apart. Statements that only hold others
// have none: what is in them appears in the block around them.
const (
	kModule uint8 = iota + 1
	kBlock
	kExprStmt
	kImport
	kImportFrom
	kFutureImport
	kAliased
	kDotted
	kRelative
	kPrefix
	kWildcard
	kAssign
	kAugAssign
	kNamed
	kDelete
	kFor
	kExcept
	kFunc
	kClass
	kDecorated
	kDecorator
	kParams
	kLambda
	kLambdaParams
	kTypedParam
	kDefaultParam
	kTypedDefault
	kStarPattern
	kStarStarPattern
	kKwSep
	kPosSep
	kGlobal
	kNonlocal
	kTypeAlias
	kTypeParams
	kType
	kGenericType
	kConstrainedType
	kSplatType
	kIdent
	kAttribute
	kSubscript
	kCall
	kArgs
	kKwArg
	kListSplat
	kDictSplat
	kListComp
	kSetComp
	kDictComp
	kGenerator
	kForIn
	kString
	kConcat
	kParen
	kGroup // tuples and lists, in whatever role
	kAsPattern
	kAsTarget
	kCasePattern
	kClassPattern
	kKeywordPattern
	kSplatPattern
	kDictPattern
	kPrint
	kExpr // an expression whose parts matter, but not how they are joined
)

// Fields of nodes that the walk asks for.
const (
	fName uint8 = iota + 1
	fParameters
	fBody
	fReturn
	fSuper
	fTypeParams
	fLeft
	fRight
	fType
	fValue
	fAlias
	fFunction
	fArguments
	fObject
	fAttribute
	fModule
	fKey
)

func grammar() flat.Grammar {
	return flat.Grammar{
		Language: tree_sitter_python.Language(),
		Kinds: map[string]uint8{
			"module": kModule, "block": kBlock, "expression_statement": kExprStmt,
			"import_statement": kImport, "import_from_statement": kImportFrom, "future_import_statement": kFutureImport,
			"aliased_import": kAliased, "dotted_name": kDotted, "relative_import": kRelative, "import_prefix": kPrefix,
			"wildcard_import": kWildcard, "assignment": kAssign, "augmented_assignment": kAugAssign,
			"named_expression": kNamed, "delete_statement": kDelete, "for_statement": kFor, "except_clause": kExcept,
			"function_definition": kFunc, "class_definition": kClass, "decorated_definition": kDecorated,
			"decorator": kDecorator, "parameters": kParams, "lambda": kLambda, "lambda_parameters": kLambdaParams,
			"typed_parameter": kTypedParam, "default_parameter": kDefaultParam, "typed_default_parameter": kTypedDefault,
			"list_splat_pattern": kStarPattern, "dictionary_splat_pattern": kStarStarPattern,
			"keyword_separator": kKwSep, "positional_separator": kPosSep,
			"global_statement": kGlobal, "nonlocal_statement": kNonlocal, "type_alias_statement": kTypeAlias,
			"type_parameter": kTypeParams, "type": kType, "generic_type": kGenericType,
			"constrained_type": kConstrainedType, "splat_type": kSplatType, "union_type": kExpr, "member_type": kExpr,
			"identifier": kIdent, "attribute": kAttribute, "subscript": kSubscript, "call": kCall,
			"argument_list": kArgs, "keyword_argument": kKwArg, "list_splat": kListSplat, "dictionary_splat": kDictSplat,
			"list_comprehension": kListComp, "set_comprehension": kSetComp, "dictionary_comprehension": kDictComp,
			"generator_expression": kGenerator, "for_in_clause": kForIn, "string": kString, "concatenated_string": kConcat,
			"parenthesized_expression": kParen, "tuple": kGroup, "list": kGroup, "tuple_pattern": kGroup,
			"list_pattern": kGroup, "pattern_list": kGroup, "expression_list": kGroup,
			"as_pattern": kAsPattern, "as_pattern_target": kAsTarget, "case_pattern": kCasePattern,
			"class_pattern": kClassPattern, "keyword_pattern": kKeywordPattern, "splat_pattern": kSplatPattern,
			"dict_pattern": kDictPattern, "print_statement": kPrint,
			"slice": kExpr, "set": kExpr, "dictionary": kExpr, "pair": kExpr, "await": kExpr, "yield": kExpr,
			"conditional_expression": kExpr, "comparison_operator": kExpr, "not_operator": kExpr,
			"boolean_operator": kExpr, "binary_operator": kExpr, "unary_operator": kExpr,
			"integer": kExpr, "float": kExpr, "true": kExpr, "false": kExpr, "none": kExpr, "ellipsis": kExpr,
		},
		Fields: map[string]uint8{
			"name": fName, "parameters": fParameters, "body": fBody, "return_type": fReturn, "superclasses": fSuper,
			"type_parameters": fTypeParams, "left": fLeft, "right": fRight, "type": fType, "value": fValue,
			"alias": fAlias, "function": fFunction, "arguments": fArguments, "object": fObject,
			"attribute": fAttribute, "module_name": fModule, "key": fKey,
		},
	}
}
