using System.Buffers;
using System.Text;
using System.Text.Json;
using CloudPbx.CallControl.Calls;
using CloudPbx.CallControl.Calls.Snapshots;
using CloudPbx.CallControl.Tests.Fakes;
using CloudPbx.Contracts.Events;
using CloudPbx.Contracts.Ids;
using CloudPbx.Sip.Dialogs;
using CloudPbx.Sip.UserAgents;

namespace CloudPbx.CallControl.Tests.Calls;

/// <summary>What was written by one release is read by the next, or left alone.</summary>
public sealed class SnapshotFormatTests
{
    // Written by version 1. Later versions read it for as long as workers of that version may hand tenants over: never change it, add another.
    private const string VersionOne =
        """
        {"version":1,"phase":"Talking","isHandedOver":false,"record":{"tenant":"0199aaaaaaaa7aaa8aaaaaaaaaaaaaaa","call":"0199bbbbbbbb7bbb8bbbbbbbbbbbbbbb",
        "callerNumber":"100","callerName":"Alice","calledNumber":"101","startedAt":"2026-11-23T08:00:00Z","answeredAt":"2026-11-23T08:00:05Z","answeredBy":"101",
        "status":200,"releasedBy":"System","media":[]},"legs":[{"number":0,"party":"Caller","deviceId":"0199cccccccc7ccc8ccccccccccccccc","extension":"100",
        "encryption":"Optional","flowToken":"token-a","hasMedia":true,"offersSrtp":false,"dialog":{"dialog":{"callId":"c1","localTag":"l1","remoteTag":"r1",
        "localAddress":"<sip:101@acme.test>","remoteAddress":"<sip:100@acme.test>","localContact":"<sip:t@pbx.test>","remoteTarget":"sip:100@192.0.2.9",
        "routeSet":["<sip:p1;lr>"],"localCSeq":0,"remoteCSeq":2,"inviteCSeq":2,"isCaller":false,"isConfirmed":true,"isSecure":false},
        "openAnswer":{"request":"SU5WSVRF","response":"MjAw","offers":false,"isFirst":true}}},{"number":1,"party":"Callee",
        "deviceId":"0199dddddddd7ddd8ddddddddddddddd","extension":"101","encryption":"Required","flowToken":"token-b","hasMedia":true,"offersSrtp":true}],
        "callee":1,"attempts":[],"unheardOf":{"later":true}}
        """;

    [Fact]
    public void Version_one_is_read()
    {
        CallSnapshot snapshot = Read(VersionOne);
        Assert.Equal((CallPhase.Talking, false, 1), (snapshot.Phase, snapshot.IsHandedOver, snapshot.Callee));
        Assert.Equal(("Alice", 200, "101"), (snapshot.Record!.CallerName, snapshot.Record.Status, snapshot.Record.AnsweredBy));
        LegSnapshot caller = snapshot.Legs[0];
        Assert.Equal((CallParty.Caller, "token-a", true), (caller.Party, caller.FlowToken, caller.HasMedia));
        Assert.Equal((2u, "<sip:p1;lr>"), (caller.Dialog!.Dialog.RemoteCSeq, Assert.Single(caller.Dialog.Dialog.RouteSet)));
        Assert.Equal("INVITE"u8.ToArray(), caller.Dialog.OpenAnswer!.Request.ToArray());
        Assert.Null(snapshot.Legs[1].Dialog);
    }

    [Fact]
    public void What_is_written_is_read()
    {
        CallSnapshot written = new()
        {
            Phase = CallPhase.Ringing,
            IsHandedOver = true,
            Record = new CallRecord
            {
                Tenant = TenantId.New(), Call = CallId.New(), CallerNumber = "100", CallerName = "\u674e", CalledNumber = "101", StartedAt = new(2026, 11, 23, 8, 0, 0, DateTimeKind.Utc),
                Cause = ReleaseCause.NoAnswer, Media = [new LegMedia { Party = CallParty.Callee, Codec = "PCMA", PacketsSent = 7 }],
            },
            Legs = [new LegSnapshot { Number = 0, Party = CallParty.Caller, DeviceId = DeviceId.New(), Extension = "100", Encryption = default, FlowToken = "t" }],
            Waiting = new WaitingSnapshot
            {
                Invite = new IncomingInviteState { Request = new byte[] { 0, 255, 13, 10 }, LocalTag = "l", Contact = "<sip:a@b>" }, Alerting = true, RingsUntil = DateTime.UnixEpoch,
            },
            Attempts =
            [
                new AttemptSnapshot
                {
                    Leg = 1, Invite = new OutgoingInviteState { Request = new byte[] { 1 }, IsProceeding = true, CancelReason = "SIP;cause=200" }, Lives = true,
                    Early = new Dictionary<string, string> { ["tag"] = "v=0" },
                },
            ],
        };
        CallSnapshot read = Read(Write(written));
        Assert.Equal((written.Phase, true, ReleaseCause.NoAnswer), (read.Phase, read.IsHandedOver, read.Record!.Cause));
        Assert.Equal(written.Record.Media, read.Record.Media);
        Assert.Equal(written.Legs, read.Legs);
        Assert.Equal(written.Waiting.Invite.Request.ToArray(), read.Waiting!.Invite.Request.ToArray());
        Assert.Equal((true, DateTime.UnixEpoch), (read.Waiting.Alerting, read.Waiting.RingsUntil));
        AttemptSnapshot attempt = Assert.Single(read.Attempts);
        Assert.Equal((true, "SIP;cause=200", true, "v=0"), (attempt.Invite!.IsProceeding, attempt.Invite.CancelReason, attempt.Lives, attempt.Early["tag"]));
        Assert.Equal(Generated(written), Generated(read));
    }

    [Fact]
    public void Nothing_that_a_snapshot_has_is_lost_in_writing()
    {
        CallSnapshot written = Filled.Of<CallSnapshot>() with { Version = CallSnapshot.CurrentVersion };
        Assert.NotNull(written.Legs[1].Dialog!.OpenAnswer);
        CallSnapshot read = Read(Write(written));
        Assert.Equal(Generated(written with { Ended = written.Ended! with { Ladder = null } }), Generated(read));
    }

    [Theory]
    [InlineData("{\"version\":2,\"phase\":[1,2]}", "version 2, this worker reads 1 to 1")]
    [InlineData("{\"version\":0}", "version 0, this worker reads 1 to 1")]
    [InlineData("{}", "version 0, this worker reads 1 to 1")]
    [InlineData("null", "version 0, this worker reads 1 to 1")]
    [InlineData("{\"version\":1,\"phase\":\"Talking\"}", "incomplete")]
    [InlineData("{\"version\":1,\"phase\":\"Ended\"}", "incomplete")]
    [InlineData("{\"version\":1,\"phase\":\"Sleeping\"}", null)]
    [InlineData("{\"version\":1}", null)]
    [InlineData("nonsense", null)]
    [InlineData("", null)]
    public void Anything_else_is_refused_with_a_reason(string text, string? reason)
    {
        Assert.False(CallSnapshotFormat.TryRead(Encoding.UTF8.GetBytes(text), out CallSnapshot? snapshot, out string? fault));
        Assert.Null(snapshot);
        Assert.False(string.IsNullOrEmpty(fault));
        if (reason is not null)
            Assert.Equal(reason, fault);
    }

    [Fact]
    public void A_talking_legs_snapshot_is_small()
    {
        DialogState dialog = new()
        {
            CallId = new string('c', 40), LocalTag = new string('l', 20), RemoteTag = new string('r', 20), LocalAddress = "<sip:101@acme.example>",
            RemoteAddress = "\"Alice\" <sip:100@acme.example>", LocalContact = $"<sip:{new string('t', 40)}@pbx.example:5061;transport=tls>", RemoteTarget = "sip:100@192.0.2.9:5061;transport=tls",
        };
        LegSnapshot leg = new()
        {
            Number = 0, Party = CallParty.Caller, DeviceId = DeviceId.New(), Extension = "100", Encryption = default, FlowToken = new string('f', 120), Dialog = new InviteDialogState { Dialog = dialog },
        };
        CallRecord record = new() { Tenant = TenantId.New(), Call = CallId.New(), CallerNumber = "100", CallerName = "Alice", CalledNumber = "101", StartedAt = DateTime.UnixEpoch };
        Assert.InRange(Write(new CallSnapshot { Phase = CallPhase.Talking, Record = record, Legs = [leg, leg with { Number = 1 }], Callee = 1 }).Length, 1, 3072);
    }

    private static string Write(CallSnapshot snapshot)
    {
        ArrayBufferWriter<byte> octets = new();
        using (Utf8JsonWriter json = new(octets, CallSnapshotFormat.WriterOptions))
            CallSnapshotFormat.Write(json, snapshot);
        return Encoding.UTF8.GetString(octets.WrittenSpan);
    }

    private static string Generated(CallSnapshot snapshot) => JsonSerializer.Serialize(snapshot, CallSnapshotFormat.SnapshotJson.Default.CallSnapshot);

    private static CallSnapshot Read(string text)
    {
        Assert.True(CallSnapshotFormat.TryRead(Encoding.UTF8.GetBytes(text), out CallSnapshot? snapshot, out string? fault), fault);
        return snapshot;
    }
}
