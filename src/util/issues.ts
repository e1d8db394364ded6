import { type Issue, issueWords, type ValidationError } from '../errors.js'

/** The issues of an error as they were found, for another error: each message is translated once. */
export const foundIssues = (error: ValidationError): readonly Issue[] =>
  (issueWords.given.get(error) as readonly Issue[] | undefined) ?? error.issues
