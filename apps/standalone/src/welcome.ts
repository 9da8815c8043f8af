/** What a newcomer reads first: where the API is, and a command that schedules a task. */
export function welcome(url: string, scheduler: string): string {
  const body = JSON.stringify({ scheduler, attributes: { handler: "hello", name: "Ada" } });
  return `
Mayfly answers at ${url}

Schedule a task:
  curl -sS ${url}/task/schedule -H 'content-type: application/json' -d '${body}'

See how it went (put its id in):
  curl -sS '${url}/task/ID?wait=10'

`;
}
