import { Type } from 'typebox'
import { Role } from '../../service.ts'
import type { Door, ServiceApp } from '../../service.ts'
import type { CallProcessing } from '../call-processing.ts'
import { asCallView, CallView } from '../routes.ts'
import * as schemas from './phone-schemas.ts'

const tags = ['Phones']
const readOnly = { access: 'role', role: Role.readOnly } as const
const administer = { access: 'role', role: Role.administer } as const
const path = '/api/v1/phones/:deviceName'
const params = schemas.OnePhone
const nothing = { 204: Type.Null({ description: 'Done' }) }

/** The JSON door of phones as people use them: what one shows now, and its buttons. */
export function registerPhoneRoutes(app: ServiceApp, door: Door<CallProcessing>): void {
  app.get(
    `${path}`,
    {
      config: readOnly,
      schema: { tags, summary: 'What a phone shows now', params, response: { 200: schemas.PhoneViewSchema } },
    },
    async (request) => door.api().interactions.views.of(request.params.deviceName),
  )
  registerForwardAll(app, door)
  registerSettings(app, door)
  registerCallBack(app, door)
  registerHandset(app, door)
}

function registerForwardAll(app: ServiceApp, door: Door<CallProcessing>): void {
  app.put(
    `${path}/forward-all`,
    {
      config: administer,
      schema: {
        tags,
        summary: 'Press CFwdAll and enter a number or a directory URI',
        params,
        body: schemas.ForwardAll,
        response: { 200: schemas.LineView },
      },
    },
    async ({ params: { deviceName }, body }) =>
      door.api().interactions.callForward.set(deviceName, body.lineIndex ?? 1, body.destination),
  )

  app.delete(
    `${path}/forward-all`,
    {
      config: administer,
      schema: {
        tags,
        summary: 'Press CFwdAll again: off',
        params,
        querystring: schemas.ForwardAllOff,
        response: nothing,
      },
    },
    async ({ params: { deviceName }, query }, reply) => {
      await door.api().interactions.callForward.clear(deviceName, Number(query.lineIndex ?? 1))
      return reply.code(204).send(null)
    },
  )
}

function registerSettings(app: ServiceApp, door: Door<CallProcessing>): void {
  app.put(
    `${path}/do-not-disturb`,
    {
      config: administer,
      schema: {
        tags,
        summary: 'Press the button of Do Not Disturb: saved with the profile in force, else with the phone',
        params,
        body: schemas.DoNotDisturbInput,
        response: { 200: schemas.DoNotDisturbView },
      },
    },
    async ({ params: { deviceName }, body }) => door.api().interactions.doNotDisturb.set(deviceName, body),
  )

  app.put(
    `${path}/assistant`,
    {
      config: administer,
      schema: {
        tags,
        summary: 'A manager uses Cisco IP Manager Assistant; members left out stay as they are',
        params,
        body: schemas.AssistantInput,
        response: { 200: schemas.AssistantView },
      },
    },
    async ({ params: { deviceName }, body }) => door.api().interactions.assistants.set(deviceName, body),
  )
}

function registerCallBack(app: ServiceApp, door: Door<CallProcessing>): void {
  app.post(
    `${path}/call-back`,
    {
      config: administer,
      schema: {
        tags,
        summary: 'Press CallBack: be told when a busy number, or one that did not answer, is free',
        params,
        body: schemas.CallBackInput,
        response: { 201: schemas.CallBackView },
      },
    },
    async ({ params: { deviceName }, body }, reply) =>
      reply.code(201).send(door.api().interactions.callBacks.activate(deviceName, body.dn)),
  )

  app.delete(
    `${path}/call-back/:dn`,
    {
      config: administer,
      schema: {
        tags,
        summary: 'Cancel a call back',
        params: Type.Object({ ...params.properties, dn: schemas.typed('Number', '2000-001') }),
        response: nothing,
      },
    },
    async ({ params: { deviceName, dn } }, reply) => {
      door.api().interactions.callBacks.cancel(deviceName, dn)
      return reply.code(204).send(null)
    },
  )
}

function registerHandset(app: ServiceApp, door: Door<CallProcessing>): void {
  app.post(
    `${path}/intercom`,
    {
      config: administer,
      schema: {
        tags,
        summary: 'Press the button of an intercom line: its target answers by itself',
        params,
        body: schemas.IntercomInput,
        response: { 201: CallView },
      },
    },
    async ({ params: { deviceName }, body }, reply) =>
      reply.code(201).send(asCallView(door.api().interactions.intercom.press(deviceName, body.dn))),
  )

  app.post(
    `${path}/off-hook`,
    {
      config: administer,
      schema: {
        tags,
        summary: 'Lift the handset, or press a line’s button: answers what rings there',
        params,
        body: schemas.OffHookInput,
        response: { 200: schemas.OffHookView },
      },
    },
    async ({ params: { deviceName }, body }) => {
      const { stillRinging, ...chosen } = door.api().interactions.primeLine.goOffHook(deviceName, body.lineIndex)
      return { ...chosen, stillRinging: [...stillRinging] }
    },
  )
}
