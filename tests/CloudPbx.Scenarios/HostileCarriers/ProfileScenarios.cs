using System.Text.Json.Nodes;
using CloudPbx.Softphone;
using CloudPbx.TestKit.Carriers;

namespace CloudPbx.Scenarios.HostileCarriers;

/// <summary>What a trunk's profile makes of whole calls: IMS networks as China Mobile's, and where carriers write the called number.</summary>
[Collection(HostileCarriersGroup.Name)]
public sealed class ProfileScenarios(ProductFixture fixture)
{
    private const string Account = "+861055550000";

    [Fact]
    public async Task An_IMS_network_gets_user_phone_a_new_Call_ID_for_each_REGISTER_and_100rel_and_says_the_called_number_in_P_Called_Party_ID()      // RFC 7315 §4.2
    {
        await using CarrierScene scene = await CarrierScene.SetAsync(fixture, registered: true, trunk: (trunk, _) =>
        {
            trunk["profile"] = "ims";
            trunk["accounts"] = new JsonArray(new JsonObject { ["user"] = Account, ["password"] = CarrierScene.Secret });
        });
        HostileCarrier carrier = scene.Carrier;
        RawMessage register = await carrier.ExpectAsync("REGISTER");
        Assert.Equal($"sip:{carrier.At};user=phone", register.RequestUri);
        carrier.Answer(register, "200 OK", $"Contact: {register["Contact"]};expires=3");
        await scene.RegisteredAsync();
        RawMessage refresh = await carrier.ExpectAsync("REGISTER", TimeSpan.FromSeconds(20));
        Assert.NotEqual(register["Call-ID"], refresh["Call-ID"]);
        Assert.Equal((register.RequestUri, register["Contact"]), (refresh.RequestUri, refresh["Contact"]));
        carrier.Answer(refresh, "200 OK", $"Contact: {register["Contact"]};expires=3600");
        await scene.RegisteredAsync();

        Call(scene, register.Target, Account, $"P-Called-Party-ID: <sip:{scene.Number}@ims.example;user=phone>");
        PhoneCall incoming = await scene.IncomingAsync();
        Assert.True((await incoming.AnswerAsync()).Accepted);
        RawMessage answer = await carrier.ExpectAsync("200 INVITE");
        RawDialog dialog = carrier.Dialog(answer);
        dialog.Ack();
        dialog.Send("BYE");
        await carrier.ExpectAsync("200 BYE");
        await CarrierScene.EndedAsync(incoming);

        PhoneCall call = await scene.DialAsync();
        RawMessage invite = await carrier.ExpectAsync("INVITE");
        Assert.Equal($"sip:{CarrierScene.Callee}@{carrier.At};user=phone", invite.RequestUri);
        Assert.StartsWith($"<sip:{Account}@", invite["From"], StringComparison.Ordinal);
        Assert.Contains(scene.Number, invite["P-Preferred-Identity"], StringComparison.Ordinal);
        Assert.Contains("100rel", invite["Supported"], StringComparison.Ordinal);
        Assert.StartsWith("m=audio ", invite.Line("m="), StringComparison.Ordinal);
        Assert.DoesNotContain("opus", invite.Body, StringComparison.OrdinalIgnoreCase);
        carrier.Answer(invite, "183 Session Progress", "Require: 100rel\nRSeq: 1", HostileCarrier.Pcmu);
        RawMessage prack = await carrier.ExpectAsync("PRACK");
        Assert.Equal($"1 {invite["CSeq"]}", prack["RAck"]);
        carrier.Answer(prack, "200 OK");
        carrier.Answer(invite, "200 OK");
        await carrier.ExpectAsync("ACK");
        await scene.AnsweredAsync(call);
        await scene.HangUpAsync(call);
    }

    [Theory]
    [InlineData("to", "number", "")]
    [InlineData("diversion", "+4930999", "Diversion: <sip:number@carrier.example>;reason=unconditional, <sip:+4930888@carrier.example>;reason=no-answer")]      // RFC 5806
    [InlineData("diversion", "number", "")]                                              // not forwarded: To has it
    [InlineData("pCalledPartyId", "+4930999", "P-Called-Party-ID: <tel:number>")]
    public async Task The_called_number_is_read_where_the_trunk_says_that_it_is(string from, string to, string fields)
    {
        await using CarrierScene scene = await CarrierScene.SetAsync(fixture, $$"""{"calledNumberFrom":"{{from}}"}""", registered: true);
        RawMessage register = await scene.Carrier.ExpectAsync("REGISTER");
        scene.Carrier.Answer(register, "200 OK", $"Contact: {register["Contact"]};expires=3600");
        await scene.RegisteredAsync();
        Call(scene, register.Target, to.Replace("number", scene.Number, StringComparison.Ordinal), fields.Replace("number", scene.Number, StringComparison.Ordinal));
        Assert.True((await (await scene.IncomingAsync()).AnswerAsync()).Accepted);
        scene.Carrier.Dialog(await scene.Carrier.ExpectAsync("200 INVITE")).Ack();
    }

    [Fact]
    public async Task A_carrier_that_writes_tel_URIs_calls_and_is_called_by_them()       // RFC 3966
    {
        await using CarrierScene scene = await CarrierScene.SetAsync(fixture, """{"uriScheme":"tel"}""");
        string visual = $"{scene.Number[..3]}-{scene.Number[3..]}";                      // §5.1.1: separators mean nothing
        Call(scene, $"tel:{visual}", scene.Number, "");
        PhoneCall incoming = await scene.IncomingAsync();
        Assert.True((await incoming.AnswerAsync()).Accepted);
        RawDialog dialog = scene.Carrier.Dialog(await scene.Carrier.ExpectAsync("200 INVITE"));
        dialog.Ack();
        dialog.Send("BYE");
        await scene.Carrier.ExpectAsync("200 BYE");

        await scene.DialAsync();
        RawMessage invite = await scene.Carrier.ExpectAsync("INVITE");
        Assert.Equal($"tel:{CarrierScene.Callee}", invite.RequestUri);
        Assert.Equal($"<tel:{CarrierScene.Callee}>", invite["To"]);
    }

    private static void Call(CarrierScene scene, string requestUri, string to, string fields) => scene.Carrier.Send(
        $"""
        INVITE {requestUri} SIP/2.0
        Via: SIP/2.0/UDP [local];branch=[branch];rport
        Max-Forwards: 70
        From: <sip:+4989444@[ip]>;tag=called
        To: <sip:{to}@[pbx]>
        Call-ID: called@[local]
        CSeq: 1 INVITE
        Contact: <sip:carrier@[local]>
        {(fields.Length > 0 ? fields + "\n" : "")}Content-Type: application/sdp
        Content-Length: [len]

        {HostileCarrier.Pcmu}
        """);
}
