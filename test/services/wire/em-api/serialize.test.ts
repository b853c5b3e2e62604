import t from 'tap'
import {
  serializeCheckedUsers,
  serializeDeviceProfiles,
  serializeDeviceUsers,
  serializeFailure,
  serializeSuccess,
  serializeUserDevices,
} from '../../../../services/wire/em-api/index.ts'

const lines = (...rows: readonly string[]) =>
  ['<?xml version="1.0"?>', '<response>', ...rows, '</response>', ''].join('\n')

t.test('em-wire 1.5: success, byte for byte', async (t) => {
  t.equal(serializeSuccess(), '<?xml version="1.0"?>\n<response>\n<success/>\n</response>\n')
})

t.test('em-wire 1.5: failure, byte for byte', async (t) => {
  t.equal(
    serializeFailure(18, 'Another user logged in'),
    lines('<failure>', '<error code="18">Another user logged in</error>', '</failure>'),
  )
})

t.test('em-wire 1.5: the text of a failure never says success and never carries markup', async (t) => {
  for (const text of ['success', 'SUCCESS', 'a Successful sucsuccesscess', 'ſucceſs']) {
    t.notMatch(serializeFailure(1, text), /success/iu, text)
  }
  t.match(serializeFailure(1, `<success/>&"'\u0000`), '<error code="1">&lt;…/&gt;&amp;&quot;&apos;</error>')
})

t.test(
  'em-wire 1.5: deviceUserResults, in the fixed order, for nobody, somebody, the first login and no such phone',
  async (t) => {
    t.equal(
      serializeDeviceUsers([
        { deviceName: 'SEP00AABBCCDDEE', exists: true },
        { deviceName: 'SEP00AABBCCDDEF', exists: true, userId: 'jdoe@example.com', lastUserId: 'asmith' },
        { deviceName: 'SEP00AABBCCDDF0', exists: true, userId: 'one', emccDevice: true },
        { deviceName: 'SEPNOSUCH', exists: false },
      ]),
      lines(
        '<deviceUserResults>',
        '<device name="SEP00AABBCCDDEE">',
        '<none/>',
        '<none/>',
        '<emccDevice>no</emccDevice>',
        '</device>',
        '<device name="SEP00AABBCCDDEF">',
        '<userID>jdoe%40example.com</userID>',
        '<lastlogin>asmith</lastlogin>',
        '<emccDevice>no</emccDevice>',
        '</device>',
        '<device name="SEP00AABBCCDDF0">',
        '<userID>one</userID>',
        '<none/>',
        '<emccDevice>yes</emccDevice>',
        '</device>',
        '<device name="SEPNOSUCH">',
        '<doesNotExist/>',
        '</device>',
        '</deviceUserResults>',
      ),
    )
  },
)

t.test('em-wire 1.5: userDevicesResults, with one line end between </deviceName> and </user>', async (t) => {
  t.equal(
    serializeUserDevices([
      { userId: 'jdoe@example.com', exists: true, deviceNames: ['SEP00AABBCCDDEE'] },
      { userId: 'both', exists: true, deviceNames: ['SEP1', 'SEP2'] },
      { userId: 'idle', exists: true, deviceNames: [] },
      { userId: 'nosuch', exists: false, deviceNames: [] },
    ]),
    lines(
      '<userDevicesResults>',
      '<user id="jdoe%40example.com">',
      '<deviceName>SEP00AABBCCDDEE</deviceName>',
      '</user>',
      '<user id="both">',
      '<deviceName>SEP1</deviceName>',
      '<deviceName>SEP2</deviceName>',
      '</user>',
      '<user id="idle">',
      '<none/>',
      '</user>',
      '<user id="nosuch">',
      '<doesNotExist/>',
      '</user>',
      '</userDevicesResults>',
    ),
  )
})

t.test('em-wire 1.5: deviceProfileResults and checkUserResults', async (t) => {
  const deviceProfiles = [
    { name: 'EM_jdoe', isDefault: true },
    { name: 'travel & <away>', isDefault: false },
  ]
  t.equal(
    serializeDeviceProfiles([
      { userId: 'jdoe', exists: true, deviceProfiles },
      { userId: 'new', exists: true, deviceProfiles: [] },
    ]),
    lines(
      '<deviceProfileResults>',
      '<user id="jdoe">',
      '<deviceProfile>',
      '<deviceProfileName>EM_jdoe</deviceProfileName>',
      '<isDefaultDeviceProfile>t</isDefaultDeviceProfile>',
      '</deviceProfile>',
      '<deviceProfile>',
      '<deviceProfileName>travel &amp; &lt;away&gt;</deviceProfileName>',
      '<isDefaultDeviceProfile>f</isDefaultDeviceProfile>',
      '</deviceProfile>',
      '</user>',
      '<user id="new">',
      '<none/>',
      '</user>',
      '</deviceProfileResults>',
    ),
  )
  t.equal(
    serializeCheckedUsers([
      { userId: 'jdoe', exists: true },
      { userId: 'nosuch', exists: false },
    ]),
    lines(
      '<checkUserResults>',
      '<user id="jdoe">',
      '<exists>jdoe</exists>',
      '</user>',
      '<user id="nosuch">',
      '<doesNotExist/>',
      '</user>',
      '</checkUserResults>',
    ),
  )
})

t.test('user IDs are encoded as forms encode, so that they are ASCII and never markup', async (t) => {
  const shown = (userId: string) =>
    /<user id="(.*)">/u.exec(serializeUserDevices([{ userId, exists: false, deviceNames: [] }]))?.[1]
  t.equal(shown('bob_the-builder.2*'), 'bob_the-builder.2*')
  t.equal(shown(`bob+o'neill (1)!~`), 'bob%2Bo%27neill+%281%29%21%7E')
  t.equal(shown('björn'), 'bj%C3%B6rn')
  t.equal(shown('"<&>'), '%22%3C%26%3E')
})
