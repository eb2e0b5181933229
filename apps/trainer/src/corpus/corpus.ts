/** A stretch of a document whose tokens count alike in the loss. */
export interface DocumentPart {
  readonly text: string;
  /** 0 masks. */
  readonly weight: number;
  /** Weight of the tokens " right" and " wrong" within it, on which a judgement turns; `weight` where absent. */
  readonly verdictWeight?: number;
  /** Set where the text ends here: an end-of-text token follows, of weight 1. */
  readonly ends?: boolean;
}

/** What is learnt from as one row. */
export type CorpusDocument = readonly DocumentPart[];

/** An endless source of documents. */
export interface Corpus {
  /** @param progress share of the training tokens already seen, in [0, 1): early documents may be easier. */
  draw(progress: number): CorpusDocument;
}

export const textOf = (document: CorpusDocument): string => document.map(({ text }) => text).join('');
