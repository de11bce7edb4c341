import type { Position } from '../work-order.js';

/** What a photo shows. `seal` is a seal of the new meter, `site` where it hangs. */
export const PHOTO_KINDS = ['old-meter', 'new-meter', 'seal', 'site'] as const;
export type PhotoKind = (typeof PHOTO_KINDS)[number];

/** Photos of one kind that are taken, at most. */
export const MOST_PHOTOS = 10;

/** A photo as it was kept: stripped of all metadata but time, position and orientation. */
export interface Photo {
  readonly kind: PhotoKind;
  /** SHA-256 of the kept file, hexadecimal: its name in the folder. */
  readonly hash: string;
  /** Length of the kept file. */
  readonly bytes: number;
  /** The camera's time, with its offset where the camera wrote one: `2026-11-23T14:05:00+05:30`. */
  readonly takenAt?: string | undefined;
  /** Where the camera was. Personal. */
  readonly position?: Position | undefined;
}

/** A photo in a record: the position stays in the photo, so that it can be erased with it. */
export type RecordedPhoto = Omit<Photo, 'position'>;

/** A photo as somebody gives it. */
export interface PhotoInput {
  readonly kind: PhotoKind;
  /** Name of its file, for sentences. */
  readonly name: string;
  /** Its octets. @throws RefusedError when there is no such file or it is too large; StorageError. */
  readonly read: () => Uint8Array;
}

/** Where photos are kept. */
export interface PhotoStore {
  /**
   * Strips a photo and keeps it durably; a second time it is the same file.
   * @param order the order or visit that it belongs to.
   * @param largest octets that the kept file may have.
   * @throws RefusedError when it is no JPEG or PNG, or too large; StorageError.
   */
  add(order: string, photo: PhotoInput, largest: number): Photo;
}

/** Photos for a record. */
export function recordedPhotos(photos: readonly Photo[]): readonly RecordedPhoto[] {
  return photos.map(({ position: _, ...photo }) => photo);
}
