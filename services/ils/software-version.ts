import packageFacts from '../../package.json' with { type: 'json' }

/** The release that other clusters see in this one's peer info. */
export const softwareVersion: string = packageFacts.version
