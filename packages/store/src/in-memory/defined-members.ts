/** A copy of an object without the members that are undefined: what does not apply is absent, not undefined. */
export function definedMembers<Members extends object>(members: Members): Members {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as Members;
}
