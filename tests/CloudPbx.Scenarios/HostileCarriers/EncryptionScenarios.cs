using System.Security.Cryptography;
using CloudPbx.Audio.Tones;
using CloudPbx.Rtp.Security;
using CloudPbx.Scenarios.BuiltIn;
using CloudPbx.Softphone;
using CloudPbx.TestKit.Carriers;

namespace CloudPbx.Scenarios.HostileCarriers;

/// <summary>Keys for media that come and go in odd ways (INTEROP I62, I63).</summary>
[Collection(HostileCarriersGroup.Name)]
public sealed class EncryptionScenarios(ProductFixture fixture)
{
    private const string Suite = "AES_CM_128_HMAC_SHA1_80", Optional = """{"srtp":"optional"}""";

    private static readonly string s_session = HostileCarrier.Pcmu[..HostileCarrier.Pcmu.IndexOf("m=", StringComparison.Ordinal)];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]                                                                   // it begins at zero then (RFC 3711 §3.3.1)
    public async Task I62_the_roll_over_counter_outlives_a_new_key_but_not_a_new_source(bool newSource)
    {
        await using CarrierScene scene = await CarrierScene.SetAsync(fixture, Optional);
        RawMedia media = scene.Carrier.Media;
        byte[] first = NewKey(), second = NewKey();
        (PhoneCall call, RawDialog dialog, RawMessage answer) = await scene.TakeAsync("", Described("RTP/SAVP", 1, first));
        using SrtpContext before = Context(first), theirs = Theirs(answer), after = Context(second);
        (media.Protection, media.TheirProtection, media.Sequence) = (before, theirs, 65_500);
        using (media.Play(620, answer.Audio))
        {
            await call.Audio.WaitForToneAsync(620, Deadlines.Media);
            await call.Audio.CollectAsync(60, Deadlines.Media);                          // beyond the end of the numbers
            await call.Audio.WaitForToneAsync(620, Deadlines.Media);
            call.Play(new Tone(440));
            await media.HearAsync(440);
        }
        Assert.InRange(media.Sequence, 1, 30_000);

        dialog.Send("INVITE", "", Described("RTP/SAVP", 2, second));
        RawMessage changed = await scene.Carrier.ExpectAsync("200 INVITE");
        dialog.Ack();
        if (newSource)
            (media.Ssrc, media.Sequence) = (media.Ssrc + 1, 1);
        else
            after.Expect(media.Ssrc, 1, (ushort)(media.Sequence - 1));
        using SrtpContext theirsAfter = Theirs(changed);
        media.Protection = after;
        if (changed.Line("a=crypto:") != answer.Line("a=crypto:"))
            media.TheirProtection = theirsAfter;
        using IDisposable tone = media.Play(800, answer.Audio);
        await call.Audio.WaitForToneAsync(800, Deadlines.Media);
        call.Play(new Tone(1000));
        await media.HearAsync(1000);
    }

    [Fact]
    public async Task I63_keys_beside_a_plain_profile_are_taken_where_encryption_is_optional()
    {
        await using CarrierScene scene = await CarrierScene.SetAsync(fixture, Optional);
        byte[] key = NewKey();
        (PhoneCall call, _, RawMessage answer) = await scene.TakeAsync("", Described("RTP/AVP", 1, key));
        Assert.Contains(" RTP/AVP ", answer.Line("m=audio "), StringComparison.Ordinal); // RFC 3264 §6: as it was offered
        using SrtpContext ours = Context(key), theirs = Theirs(answer);
        (scene.Carrier.Media.Protection, scene.Carrier.Media.TheirProtection) = (ours, theirs);
        await HearEachOtherAsync(scene, call, answer);
    }

    [Fact]
    public async Task I63_an_encrypted_profile_without_a_key_is_refused()
    {
        await using CarrierScene scene = await CarrierScene.SetAsync(fixture, Optional);
        scene.Carrier.Invite(scene.Number, "", s_session + "m=audio [media] RTP/SAVP 0\n");
        scene.Carrier.AckRefusal(await scene.Carrier.ExpectAsync("488 INVITE"));
    }

    [Fact]
    public async Task I63_a_call_may_go_from_keys_in_its_signalling_to_a_handshake_and_back()
    {
        await using CarrierScene scene = await CarrierScene.SetAsync(fixture, Optional);
        byte[] first = NewKey(), last = NewKey();
        (PhoneCall call, RawDialog dialog, RawMessage answer) = await scene.TakeAsync("", Described("RTP/SAVP", 1, first));
        using SrtpContext ours = Context(first), theirs = Theirs(answer);
        (scene.Carrier.Media.Protection, scene.Carrier.Media.TheirProtection) = (ours, theirs);
        await HearEachOtherAsync(scene, call, answer);

        string fingerprint = string.Join(':', RandomNumberGenerator.GetBytes(32).Select(octet => octet.ToString("X2", System.Globalization.CultureInfo.InvariantCulture)));
        dialog.Send("INVITE", "", Session(2) + $"m=audio [media] UDP/TLS/RTP/SAVP 0\na=rtcp-mux\na=setup:actpass\na=fingerprint:sha-256 {fingerprint}\n");
        RawMessage shakes = await scene.Carrier.ExpectAsync("200 INVITE");
        dialog.Ack();
        Assert.NotEmpty(shakes.Lines("a=fingerprint:"));
        Assert.Empty(shakes.Lines("a=crypto:"));

        dialog.Send("INVITE", "", Described("RTP/SAVP", 3, last));                       // nobody has shaken hands meanwhile
        RawMessage back = await scene.Carrier.ExpectAsync("200 INVITE");
        dialog.Ack();
        using SrtpContext oursAgain = Context(last), theirsAgain = Theirs(back);
        (scene.Carrier.Media.Protection, scene.Carrier.Media.TheirProtection, scene.Carrier.Media.Ssrc) = (oursAgain, theirsAgain, scene.Carrier.Media.Ssrc + 1);
        await HearEachOtherAsync(scene, call, back);
    }

    private static async Task HearEachOtherAsync(CarrierScene scene, PhoneCall call, RawMessage answer)
    {
        using IDisposable tone = scene.Carrier.Media.Play(620, answer.Audio);
        await call.Audio.WaitForToneAsync(620, Deadlines.Media);
        call.Play(new Tone(440));
        await scene.Carrier.Media.HearAsync(440);
    }

    private static string Session(int version) => s_session.Replace("o=carrier 1 1", $"o=carrier 1 {version}", StringComparison.Ordinal);

    private static string Described(string profile, int version, byte[] key) =>
        Session(version) + $"m=audio [media] {profile} 0\na=rtpmap:0 PCMU/8000\na=crypto:1 {Suite} inline:{Convert.ToBase64String(key)}\n";

    private static byte[] NewKey() => RandomNumberGenerator.GetBytes(SrtpProfile.AesCm128HmacSha1Tag80.KeySaltLength());

    private static SrtpContext Context(byte[] key) => SrtpContext.FromKeySalt(SrtpProfile.AesCm128HmacSha1Tag80, key);

    private static SrtpContext Theirs(RawMessage answer)
    {
        string[] words = answer.Line("a=crypto:").Split(' ');
        Assert.True(words.Length >= 3 && words[1] == Suite, answer.Text);
        return Context(Convert.FromBase64String(words[2]["inline:".Length..].Split('|')[0]));
    }
}
