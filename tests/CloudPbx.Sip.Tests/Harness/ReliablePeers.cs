using CloudPbx.Sip.Dialogs;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Transactions;
using CloudPbx.Sip.UserAgents;

namespace CloudPbx.Sip.Tests.Harness;

/// <summary>Peers that say literally what a test wants of them, where provisional responses are reliable (RFC 3262).</summary>
internal static class ReliablePeers
{
    /// <summary>A call to bob whose caller acknowledges by literal PRACKs of the test.</summary>
    public static async Task<(OutgoingInvite Call, IncomingInvite AtBob, Dialog Early, SipResponse Reliable)> LiteralAsync(World world)
    {
        OutgoingInvite call = world.Alice.Call(world.Bob, World.Sdp("offer"), headers: [new("Supported", "100rel")], reliable: ReliablePolicy.Off);
        IncomingInvite atBob = await world.Bob.IncomingAsync();
        atBob.Progress(183, body: World.Sdp("answer"));
        await world.Wait(0.1);
        SipResponse reliable = world.Messages.OfType<SipResponse>().First(response => response.RSeq is not null);
        return (call, atBob, Dialog.FromResponse(call.Request, reliable), reliable);
    }

    public static Task<SipResponse> PrackAsync(World world, Dialog early, SipResponse? reliable, MessageBody? body = null, string? rack = null)
    {
        SipRequest prack = early.CreateRequest(SipMethod.Prack);
        prack.Headers.Add(SipHeaderName.RAck, rack ?? new RAck(reliable!.RSeq!.Value, reliable.CSeq).ToString());
        UserAgentLayer.SetBody(prack, body);
        return world.Alice.Layer.SendAsync(prack, world.Alice.Flow);
    }

    /// <summary>A callee that is not of our making: the test answers its INVITE, and its PRACKs get one status.</summary>
    public static async Task<(OutgoingInvite Call, ServerTransaction At)> RawCalleeAsync(
        World world, int prackStatus = 200, ReliablePolicy policy = ReliablePolicy.Supported)
    {
        ServerTransaction? at = null;
        world.Bob.RequestFilter = transaction =>
        {
            at = transaction;
            return true;
        };
        world.Respond = message => message is SipRequest { Method.Name: "PRACK" } prack ? SipResponse.For(prack, prackStatus) : null;
        OutgoingInvite call = world.Alice.Call(world.Bob, World.Sdp("offer"), reliable: policy);
        await world.Wait(0.1);
        return (call, at!);
    }

    public static void Respond(World world, ServerTransaction at, int status, uint rseq, string tag = "t")
    {
        SipResponse response = SipResponse.For(at.Request, status, null, tag);
        response.Headers.Add(SipHeaderName.Contact, world.Bob.Contact.ToString());
        response.Headers.Add(SipHeaderName.Require, "100rel");
        response.Headers.Add(SipHeaderName.RSeq, $"{rseq}");
        at.Respond(response);
    }

    /// <summary>The same dialog at its other end.</summary>
    public static DialogState Mirrored(World world, DialogState state) => state with
    {
        LocalTag = state.RemoteTag, RemoteTag = state.LocalTag, LocalAddress = state.RemoteAddress, RemoteAddress = state.LocalAddress,
        RemoteTarget = world.Alice.Contact.Uri.ToString(), LocalContact = world.Bob.Contact.ToString(), LocalCSeq = 100, RemoteCSeq = state.LocalCSeq, IsCaller = false,
    };
}
