// What is said to and by a phone over JSON.
import { Type } from 'typebox'
import { deviceSettingChoices } from '../../database/device-settings.ts'
import { longestDestination } from '../destination.ts'
import type { PhoneView } from './phone-view.ts'

/** Digits as somebody types them; what cannot be dialled is answered with 422 and a sentence. */
export const typed = (description: string, example: string, maxLength = 128) =>
  Type.String({ maxLength, description, examples: [example] })

const lineIndex = Type.Integer({ minimum: 1, maximum: 200, description: 'Button of the line, from 1', examples: [1] })
const strict = { additionalProperties: false }

export const OnePhone = Type.Object({ deviceName: Type.String({ maxLength: 128, examples: ['SEP000000010001'] }) })

export const ForwardAll = Type.Object(
  {
    lineIndex: Type.Optional(lineIndex),
    destination: typed('Where calls shall go, a number or a directory URI', '2000-001', longestDestination),
  },
  strict,
)

export const ForwardAllOff = Type.Object(
  { lineIndex: Type.Optional(Type.String({ pattern: '^[1-9]\\d{0,2}$', default: '1', examples: ['1'] })) },
  strict,
)

export const DoNotDisturbInput = Type.Object(
  {
    enabled: Type.Boolean({ description: 'Whether Do Not Disturb is on' }),
    incomingCallAlert: Type.Optional(
      Type.Enum([...deviceSettingChoices.dndIncomingCallAlert], { description: 'DND Incoming Call Alert' }),
    ),
  },
  strict,
)

export const AssistantInput = Type.Object(
  {
    callFiltering: Type.Optional(Type.Boolean({ description: 'Whether calls go to the assistant' })),
    doNotDisturb: Type.Optional(Type.Boolean({ description: 'Whether calls ring at the manager’s phone silently' })),
    assistant: Type.Optional(typed('Number of the assistant; empty = none', '2000-002')),
  },
  strict,
)

export const CallBackInput = Type.Object({ dn: typed('Number that was busy or did not answer', '2000-001') }, strict)
export const IntercomInput = Type.Object({ dn: typed('Number of the phone’s intercom line', '4000-001') }, strict)
export const OffHookInput = Type.Object({ lineIndex: Type.Optional(lineIndex) }, strict)

const timestamp = Type.String({ format: 'date-time' })

export const LineView = Type.Object({
  index: lineIndex,
  dn: Type.String(),
  label: Type.String(),
  display: Type.String(),
  forwardAll: Type.String({ description: 'Empty = off' }),
})

export const DoNotDisturbView = Type.Object({
  enabled: Type.Boolean(),
  option: Type.Enum(['Call Reject', 'Ringer Off']),
  incomingCallAlert: Type.Enum(['Disable', 'Beep Only', 'Flash Only']),
})

export const AssistantView = Type.Object({
  assistant: Type.String({ description: 'Empty = none' }),
  callFiltering: Type.Boolean(),
  doNotDisturb: Type.Boolean(),
})

export const CallBackView = Type.Object({
  dn: Type.String(),
  userId: Type.String({ description: 'Empty = nobody is logged in' }),
  since: timestamp,
})

export const OffHookView = Type.Object({
  lineIndex: Type.Integer({ description: 'The line that is chosen' }),
  dn: Type.String(),
  answered: Type.Optional(Type.String({ description: 'Id of the call that is answered; absent: dial tone' })),
  stillRinging: Type.Array(Type.String(), { description: 'Ids of calls that go on ringing here' }),
})

const speedDial = { index: Type.Integer(), number: Type.String(), label: Type.String() }

/** Mirrors `PhoneView`. */
export const PhoneViewSchema = Type.Unsafe<PhoneView>(
  Type.Object({
    deviceName: Type.String(),
    model: Type.String(),
    registration: Type.Enum(['registered', 'unregistered', 'restarting']),
    userId: Type.String({ description: 'Who is logged in; empty = nobody' }),
    deviceProfile: Type.String({ description: 'Profile in force; empty = the phone’s own settings' }),
    header: Type.String({ description: 'Label or number of the primary line' }),
    userLocale: Type.String(),
    lines: Type.Array(LineView),
    speedDials: Type.Array(Type.Object(speedDial)),
    blfSpeedDials: Type.Array(Type.Object({ ...speedDial, state: Type.Enum(['idle', 'busy', 'unknown']) })),
    intercomLines: Type.Array(Type.Object({ dn: Type.String(), label: Type.String(), target: Type.String() })),
    phoneServices: Type.Array(Type.Object({ name: Type.String(), type: Type.String() })),
    doNotDisturb: DoNotDisturbView,
    primeLine: Type.Object({ setting: Type.String(), alwaysUsed: Type.Boolean(), forVoiceMessages: Type.String() }),
    joinAcrossLines: Type.Object({ setting: Type.String(), enabled: Type.Boolean() }),
    protectedDevice: Type.Boolean(),
    ignorePresentationIndicators: Type.Boolean(),
    assistant: Type.Optional(AssistantView),
    calls: Type.Array(
      Type.Object({
        id: Type.String(),
        dn: Type.String({ description: 'Number of the line' }),
        state: Type.Enum(['dialling', 'ringing', 'connected', 'held']),
        display: Type.String({ description: 'The other party, as this phone may show it' }),
      }),
    ),
    callBacks: Type.Array(CallBackView),
    callLogs: Type.Array(
      Type.Object({
        kind: Type.Enum(['placed', 'received', 'missed']),
        number: Type.String({ description: 'Empty where it may not be shown' }),
        name: Type.String(),
        at: timestamp,
        call: Type.String({ description: 'The call’s id' }),
      }),
      { description: 'Newest first' },
    ),
  }),
)
