/** A page for a phone. */
export interface PhoneAnswer {
  /** One of the phone's XML objects. */
  readonly xml: string
  /** The phone goes to `url` by itself after so many seconds. */
  readonly refresh?: { readonly seconds: number; readonly url: string }
}
