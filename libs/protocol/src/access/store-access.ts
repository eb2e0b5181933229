import { GrmError } from '../grm-error.ts';

/** JetStream's requests about one stream or consumer, as subjects. */
const api = '$JS.API';

/**
 * Reads any object of a bucket, and which there are. NATS tells objects apart by random ids, so a permission is for the whole bucket:
 * where one team must not read another's, they need buckets (or accounts) of their own.
 */
export function readsBucket(bucket: string): string[] {
  checkBucket(bucket);
  const stream = `OBJ_${bucket}`;
  return [
    `${api}.STREAM.INFO.${stream}`,
    `${api}.STREAM.MSG.GET.${stream}`,
    // Chunks come through a consumer that lives as long as the reading.
    `${api}.CONSUMER.CREATE.${stream}.>`,
    `${api}.CONSUMER.DELETE.${stream}.*`,
    `$JS.FC.${stream}.>`,
  ];
}

/** Reads, puts and removes objects of a bucket that is there; it can neither make a bucket nor delete it. */
export function writesBucket(bucket: string): string[] {
  return [...readsBucket(bucket), `$O.${bucket}.C.*`, `$O.${bucket}.M.*`, `${api}.STREAM.PURGE.OBJ_${bucket}`];
}

/** Reads and writes the keys of a KV bucket that this pattern covers, and no others. */
export function writesKeys(bucket: string, keys: string): string[] {
  const subject = `$KV.${bucket}.${keys}`;
  return [`${api}.STREAM.INFO.KV_${bucket}`, `${api}.DIRECT.GET.KV_${bucket}.${subject}`, subject];
}

/** Takes tasks from a work queue and settles them. Which of its consumers is the worker's affair: revisions have one each. */
export function worksOn(stream: string): string[] {
  return [`${api}.CONSUMER.INFO.${stream}.*`, `${api}.CONSUMER.MSG.NEXT.${stream}.*`, `$JS.ACK.${stream}.>`];
}

/** Keeps wildcards and dots out of permissions. */
function checkBucket(bucket: string): void {
  if (!/^[-\w]+$/.test(bucket)) throw new GrmError('invalid-request', `${JSON.stringify(bucket)} is not the name of a bucket: use letters, digits, "-" and "_"`);
}
