/** What a stream says, until it says this. */
export function said(stream: NodeJS.ReadableStream, words: RegExp): Promise<RegExpExecArray> {
  return new Promise((resolve, reject) => {
    let text = '';
    stream.on('data', (chunk) => {
      text += String(chunk);
      const match = words.exec(text);
      if (match !== null) resolve(match);
    });
    stream.on('end', () => reject(new Error(`it ended without ${words}: ${text}`)));
  });
}
