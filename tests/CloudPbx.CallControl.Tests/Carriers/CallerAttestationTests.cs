using System.Buffers.Text;
using System.Text;
using CloudPbx.CallControl.Carriers;
using CloudPbx.CallControl.Tests.Fakes;
using CloudPbx.Contracts.Events;
using CloudPbx.Contracts.Trunks;
using CloudPbx.Sip.Messages;

namespace CloudPbx.CallControl.Tests.Carriers;

/// <summary>What carriers say of a caller's right to its number (RFC 8224, RFC 8588; I12): shown, never a phone's, never sent on to where it would not be true.</summary>
public sealed class CallerAttestationTests : IDisposable
{
    private readonly CarrierFixture _fixture = new();

    private TestTenant Pbx => _fixture.Pbx;

    [Theory]
    [InlineData("""{"attest":"A","dest":{"tn":["4930100"]},"iat":1443208345,"orig":{"tn":"4930555"},"origid":"123e4567-e89b-12d3-a456-426655440000"}""", "attest=A")]      // RFC 8588 §4
    [InlineData("""{"dest":{"tn":["4930100"]},"iat":1443208345,"orig":{"tn":"4930555"}}""", null)]                // RFC 8225 §5
    [InlineData("""{"attest":["A"]}""", null)]
    [InlineData("""{"attest":"A\r\nB"}""", null)]
    [InlineData("""{"attest":"\ud800"}""", null)]
    [InlineData("""["attest"]""", null)]
    [InlineData("not json", null)]
    public void The_attestation_is_read_out_of_the_PASSporT(string claims, string? expected) => Assert.Equal(expected, CallerAttestation.Of(Invite(("Identity", Identity(claims)))));

    [Theory]
    [InlineData("Identity", "..ABC;info=<https://cert.example/1.pem>;alg=ES256;ppt=shaken", null)]               // RFC 8225 §7, compact form
    [InlineData("y", "..ABC", null)]                                                                              // RFC 8224 §4, compact name
    [InlineData("Identity", "a.b.c.d", null)]
    [InlineData("Identity", "", null)]
    [InlineData("P-Asserted-Identity", "<tel:+4930555;verstat=TN-Validation-Passed>", "verstat=TN-Validation-Passed")]      // 3GPP TS 24.229 §7.2A.20
    [InlineData("P-Asserted-Identity", "<sip:+4930555;verstat=TN-Validation-Failed@carrier.example;user=phone>", "verstat=TN-Validation-Failed")]
    [InlineData("P-Asserted-Identity", "<sip:+4930555@carrier.example;verstat=No-TN-Validation>", "verstat=No-TN-Validation")]
    [InlineData("P-Asserted-Identity", "<tel:+4930555;verstat=%0d%0a>", null)]
    [InlineData("From", "<sip:+4930555;verstat=TN-Validation-Passed@carrier.example>;tag=1", "verstat=TN-Validation-Passed")]
    public void What_the_carrier_found_is_read_where_carriers_write_it(string name, string value, string? expected) => Assert.Equal(expected, CallerAttestation.Of(Invite((name, value))));

    [Fact]
    public async Task I12_it_stands_in_the_ladder_of_the_call()
    {
        StubPhone carrier = _fixture.Carrier("carrier", "198.51.100.1");
        StubPhone alice = await ReadyAsync();
        SipRequest invite = carrier.Request(SipMethod.Invite, "sip:+49301000@pbx.test", "v=0 offer",
            ("From", "<sip:+4930555@carrier.example>;tag=c"), ("Identity", Identity("""{"attest":"B"}""")), ("P-Asserted-Identity", "<tel:+4930555;verstat=TN-Validation-Passed>"));
        carrier.Send(invite);
        SipRequest atAlice = await alice.RequestAsync(SipMethod.Invite);
        Assert.False(atAlice.Headers.Has(SipHeaderName.Identity));
        alice.Answer(atAlice, 486);
        await carrier.FinalAsync();
        Assert.Equal("attest=B; verstat=TN-Validation-Passed", Told(await Pbx.RecordAsync())[0].Identity);
    }

    [Fact]
    public async Task S8_I12_a_phones_own_word_is_neither_shown_nor_sent_to_a_carrier()
    {
        StubPhone carrier = _fixture.Carrier("carrier", "198.51.100.1");
        StubPhone alice = await ReadyAsync();
        (SipResponse challenge, SipRequest invite) = (null!, alice.Request(SipMethod.Invite, "sip:9+4989222@acme.test", "v=0 offer", ("Identity", Identity("""{"attest":"A"}"""))));
        alice.Send(invite);
        challenge = await alice.ResponseAsync();
        alice.Ack(invite, challenge);
        alice.Send(alice.Again(invite, challenge));
        SipRequest outside = await carrier.RequestAsync(SipMethod.Invite);
        Assert.False(outside.Headers.Has(SipHeaderName.Identity));
        carrier.Answer(outside, 486);
        await alice.FinalAsync();
        Assert.All(Told(await Pbx.RecordAsync()), message => Assert.Null(message.Identity));
    }

    [Fact]
    public async Task I12_a_call_that_is_sent_on_to_another_carrier_leaves_without_what_was_signed_for_another_number()
    {
        StubPhone carrier = _fixture.Carrier("carrier", "198.51.100.1", changes: new TrunkProfileChanges { Diversion = true });
        StubPhone alice = await ReadyAsync();
        carrier.Send(carrier.Request(SipMethod.Invite, "sip:+49301000@pbx.test", "v=0 offer", ("From", "<sip:+4930555@carrier.example>;tag=c"), ("Identity", Identity("""{"attest":"A"}"""))));
        alice.Answer(await alice.RequestAsync(SipMethod.Invite), 302, null, ("Contact", "<sip:9+4989222@acme.test>"));
        await alice.RequestAsync(SipMethod.Ack);
        while (await carrier.ReceiveAsync() is var message)
        {
            if (message is not SipRequest outside)
                continue;
            Assert.True(outside.Headers.Has(SipHeaderName.Diversion));
            Assert.False(outside.Headers.Has(SipHeaderName.Identity));          // RFC 8224 §4: it names who is called, and who calls
            break;
        }
    }

    public void Dispose() => _fixture.Dispose();

    private static IReadOnlyList<LadderMessage> Told(CallEnded record) => record.Ladder!.Messages;

    private static string Identity(string claims) =>
        $"{Base64Url.EncodeToString("""{"alg":"ES256","ppt":"shaken","typ":"passport","x5u":"https://cert.example/1.pem"}"""u8)}.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(claims))}.c2lnbmF0dXJl"
        + ";info=<https://cert.example/1.pem>;alg=ES256;ppt=shaken";

    private SipRequest Invite(params (string Name, string Value)[] fields) => Parsed(Pbx.Phone("100").Request(SipMethod.Invite, "sip:+49301000@pbx.test", null, fields));

    private static SipRequest Parsed(SipRequest request)
    {
        SipMessage.TryParse(request.ToBytes(), out SipMessage? message);
        return Assert.IsType<SipRequest>(message);
    }

    private async Task<StubPhone> ReadyAsync()
    {
        _fixture.Number("+49301000", "100");
        await _fixture.ApplyAsync();
        return await Pbx.RegisteredAsync("100");
    }
}
