using System.Text.Encodings.Web;
using System.Text.Json;
using CloudPbx.CallControl.Accounting;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Events;
using CloudPbx.Contracts.Ids;
using CloudPbx.Contracts.Json;
using CloudPbx.Sip.Dialogs;
using CloudPbx.Sip.UserAgents;
using CloudPbx.State.Bindings;

namespace CloudPbx.CallControl.Calls.Snapshots;

/// <summary>
/// Writes what the generated reader reads, several times as fast as the generated writer: a call is written on each of its changes. False, 0 and null are left out where their absence means that.
/// A member that is added to a snapshot is added here; a test that fills all of them tells who forgot it.
/// </summary>
internal static partial class CallSnapshotFormat
{
    /// <summary>How the writer of snapshots is set up: a database reads them, no browser, so that <c>&lt;</c> takes one octet and not six.</summary>
    public static JsonWriterOptions WriterOptions { get; } = new() { SkipValidation = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes a snapshot.</summary>
    /// <param name="json">Where to.</param>
    /// <param name="snapshot">The snapshot. The ladder of one that ended is left out: it is for people, and would make the write several times as long.</param>
    public static void Write(Utf8JsonWriter json, CallSnapshot snapshot)
    {
        json.WriteStartObject();
        json.WriteNumber("version"u8, snapshot.Version);
        json.WriteString("phase"u8, EnumText<CallPhase>.Of((int)snapshot.Phase));
        Flag(json, "isHandedOver"u8, snapshot.IsHandedOver);
        if (snapshot.Record is { } record)
            Write(json, "record"u8, record);
        if (snapshot.Ended is { } ended)
        {
            json.WritePropertyName("ended"u8);
            CallEndedText.CamelCase.Write(json, ended);
        }
        json.WriteStartArray("legs"u8);
        foreach (LegSnapshot leg in snapshot.Legs)
            Write(json, leg);
        json.WriteEndArray();
        Number(json, "callee"u8, snapshot.Callee);
        if (snapshot.Conference is { } conference)
            Id(json, "conference"u8, conference);
        Flag(json, "isModerator"u8, snapshot.IsModerator);
        Flag(json, "isMuted"u8, snapshot.IsMuted);
        Flag(json, "isRoomLocked"u8, snapshot.IsRoomLocked);
        if (snapshot.Supervision is { } supervision)
            Generated(json, "supervision"u8, supervision, SnapshotJson.Default.Supervision);
        if (snapshot.Waiting is { } waiting)
            Write(json, waiting);
        json.WriteStartArray("attempts"u8);
        foreach (AttemptSnapshot attempt in snapshot.Attempts)
            Write(json, attempt);
        json.WriteEndArray();
        if (snapshot.Ladder is { } ladder)
            Generated(json, "ladder"u8, ladder, SnapshotJson.Default.SipLadder);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, ReadOnlySpan<byte> name, CallRecord record)
    {
        json.WriteStartObject(name);
        Id(json, "tenant"u8, record.Tenant);
        Id(json, "call"u8, record.Call);
        json.WriteString("callerNumber"u8, record.CallerNumber);
        json.WriteString("callerName"u8, record.CallerName);
        json.WriteString("calledNumber"u8, record.CalledNumber);
        json.WriteString("startedAt"u8, record.StartedAt);
        json.WriteString("direction"u8, EnumText<CallDirection>.Of((int)record.Direction));
        if (record.Trunk is { } trunk)
            Id(json, "trunk"u8, trunk);
        Text(json, "trunkName"u8, record.TrunkName);
        Text(json, "trunkNumber"u8, record.TrunkNumber);
        Number(json, "trunkStatus"u8, record.TrunkStatus);
        Number(json, "costMicroUnits"u8, record.CostMicroUnits);
        Instant(json, "answeredAt"u8, record.AnsweredAt);
        Text(json, "answeredBy"u8, record.AnsweredBy);
        json.WriteNumber("status"u8, record.Status);
        json.WriteString("releasedBy"u8, EnumText<CallParty>.Of((int)record.ReleasedBy));
        if (record.Cause is { } cause)
            Write(json, cause);
        Text(json, "traceParent"u8, record.TraceParent);
        if (record.Recordings.Count > 0)
            Generated(json, "recordings"u8, record.Recordings, SnapshotJson.Default.ListRecordingState);
        Flag(json, "staysUnrecorded"u8, record.StaysUnrecorded);
        json.WriteStartArray("steps"u8);
        foreach (DecisionStep step in record.Steps)
            CallEndedText.CamelCase.Write(json, step);
        json.WriteEndArray();
        json.WriteStartArray("media"u8);
        foreach (LegMedia media in record.Media)
            CallEndedText.CamelCase.Write(json, media);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, ReleaseCause cause)
    {
        json.WriteStartObject("cause"u8);
        Text(json, "header"u8, cause.Header);
        Text(json, "text"u8, cause.Text);
        Number(json, "q850"u8, cause.Q850);
        Number(json, "warning"u8, cause.Warning);
        Flag(json, "passes"u8, cause.Passes);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, LegSnapshot leg)
    {
        json.WriteStartObject();
        json.WriteNumber("number"u8, leg.Number);
        json.WriteString("party"u8, EnumText<CallParty>.Of((int)leg.Party));
        Id(json, "deviceId"u8, leg.DeviceId);
        json.WriteString("extension"u8, leg.Extension);
        json.WriteString("encryption"u8, EnumText<SrtpPolicy>.Of((int)leg.Encryption));
        json.WriteString("flowToken"u8, leg.FlowToken);
        if (leg.Binding is { } binding)
            Write(json, binding);
        if (leg.Trunk is { } trunk)
            Id(json, "trunk"u8, trunk);
        Text(json, "account"u8, leg.Account);
        Text(json, "shownNumber"u8, leg.ShownNumber);
        Flag(json, "hasMedia"u8, leg.HasMedia);
        if (leg.MediaState is { } state)
            json.WriteBase64String("mediaState"u8, state);
        Flag(json, "offersSrtp"u8, leg.OffersSrtp);
        Write(json, leg.Terms);
        Texts(json, "forwardedBy"u8, leg.ForwardedBy);
        if (leg.ForwardReasons is { } reasons)
        {
            json.WriteStartArray("forwardReasons"u8);
            foreach (ForwardReason reason in reasons)
                json.WriteStringValue(EnumText<ForwardReason>.Of((int)reason));
            json.WriteEndArray();
        }
        Texts(json, "codecs"u8, leg.Codecs);
        Text(json, "payer"u8, leg.Payer);
        Text(json, "outsideNumber"u8, leg.OutsideNumber);
        Flag(json, "isEmergency"u8, leg.IsEmergency);
        Instant(json, "outsideAnsweredAt"u8, leg.OutsideAnsweredAt);
        Flag(json, "holdsByPhone"u8, leg.HoldsByPhone);
        Flag(json, "holdsByProgram"u8, leg.HoldsByProgram);
        Flag(json, "isMuted"u8, leg.IsMuted);
        Text(json, "hears"u8, leg.Hears);
        Flag(json, "passesMore"u8, leg.PassesMore);
        if (leg.Dialog is { } dialog)
        {
            json.WriteStartObject("dialog"u8);
            Write(json, dialog.Dialog);
            if (dialog.OpenAnswer is { } answer)
                Write(json, answer);
            json.WriteEndObject();
        }
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, Binding binding)
    {
        json.WriteStartObject("binding"u8);
        json.WriteString("extension"u8, binding.Extension);
        Id(json, "deviceId"u8, binding.DeviceId);
        json.WriteString("authUser"u8, binding.AuthUser);
        json.WriteString("contactUri"u8, binding.ContactUri);
        json.WriteString("callId"u8, binding.CallId);
        json.WriteNumber("cSeq"u8, binding.CSeq);
        json.WriteString("expiresAt"u8, binding.ExpiresAt);
        json.WriteString("registeredAt"u8, binding.RegisteredAt);
        json.WriteNumber("q"u8, binding.Q);
        json.WriteString("flowToken"u8, binding.FlowToken);
        json.WriteString("transport"u8, binding.Transport);
        json.WriteString("remoteAddress"u8, binding.RemoteAddress);
        Text(json, "userAgent"u8, binding.UserAgent);
        Text(json, "instanceId"u8, binding.InstanceId);
        json.WriteNumber("regId"u8, binding.RegId);
        if (binding.Srtp is { } srtp)
            json.WriteBoolean("srtp"u8, srtp);
        Number(json, "latencyMilliseconds"u8, binding.LatencyMilliseconds);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, LegTerms terms)
    {
        json.WriteStartObject("terms"u8);
        json.WriteString("reliable"u8, EnumText<ReliablePolicy>.Of((int)terms.Reliable));
        Flag(json, "reliableIsLearned"u8, terms.ReliableIsLearned);
        json.WriteString("timer"u8, EnumText<SessionTimerPolicy>.Of((int)terms.Timer));
        json.WriteNumber("sessionInterval"u8, terms.SessionInterval);
        Flag(json, "offerless"u8, terms.Offerless);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, DialogState dialog)
    {
        json.WriteStartObject("dialog"u8);
        json.WriteString("callId"u8, dialog.CallId);
        json.WriteString("localTag"u8, dialog.LocalTag);
        json.WriteString("remoteTag"u8, dialog.RemoteTag);
        json.WriteString("localAddress"u8, dialog.LocalAddress);
        json.WriteString("remoteAddress"u8, dialog.RemoteAddress);
        json.WriteString("localContact"u8, dialog.LocalContact);
        json.WriteString("remoteTarget"u8, dialog.RemoteTarget);
        Texts(json, "routeSet"u8, dialog.RouteSet);
        json.WriteNumber("localCSeq"u8, dialog.LocalCSeq);
        Number(json, "remoteCSeq"u8, dialog.RemoteCSeq);
        json.WriteNumber("inviteCSeq"u8, dialog.InviteCSeq);
        Flag(json, "isCaller"u8, dialog.IsCaller);
        Flag(json, "isConfirmed"u8, dialog.IsConfirmed);
        Flag(json, "peerTakesUpdate"u8, dialog.PeerTakesUpdate);
        if (dialog.SessionTimer is { } timer)
        {
            json.WriteStartObject("sessionTimer"u8);
            json.WriteNumber("seconds"u8, timer.Seconds);
            Flag(json, "weRefresh"u8, timer.WeRefresh);
            json.WriteString("refreshedAt"u8, timer.RefreshedAt);
            json.WriteEndObject();
        }
        Flag(json, "isSecure"u8, dialog.IsSecure);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, OpenAnswerState answer)
    {
        json.WriteStartObject("openAnswer"u8);
        json.WriteBase64String("request"u8, answer.Request.Span);
        json.WriteBase64String("response"u8, answer.Response.Span);
        Flag(json, "offers"u8, answer.Offers);
        Flag(json, "isFirst"u8, answer.IsFirst);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, WaitingSnapshot waiting)
    {
        json.WriteStartObject("waiting"u8);
        IncomingInviteState invite = waiting.Invite;
        json.WriteStartObject("invite"u8);
        json.WriteBase64String("request"u8, invite.Request.Span);
        json.WriteString("localTag"u8, invite.LocalTag);
        json.WriteString("contact"u8, invite.Contact);
        Octets(json, "lastResponse"u8, invite.LastResponse.Span);
        json.WriteString("reliable"u8, EnumText<ReliablePolicy>.Of((int)invite.Reliable));
        json.WriteString("timer"u8, EnumText<SessionTimerPolicy>.Of((int)invite.Timer));
        json.WriteNumber("sessionInterval"u8, invite.SessionInterval);
        Instant(json, "expiresAt"u8, invite.ExpiresAt);
        json.WriteNumber("rSeq"u8, invite.RSeq);
        Octets(json, "unacknowledged"u8, invite.Unacknowledged.Span);
        json.WriteStartArray("waiting"u8);
        foreach (ReadOnlyMemory<byte> response in invite.Waiting)
            json.WriteBase64StringValue(response.Span);
        json.WriteEndArray();
        if (invite.Offers is { } offers)
            json.WriteString("offers"u8, EnumText<OfferState>.Of((int)offers));
        json.WriteEndObject();
        Flag(json, "alerting"u8, waiting.Alerting);
        Instant(json, "ringsUntil"u8, waiting.RingsUntil);
        Number(json, "heard"u8, waiting.Heard);
        Number(json, "offerLike"u8, waiting.OfferLike);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, AttemptSnapshot attempt)
    {
        json.WriteStartObject();
        json.WriteNumber("leg"u8, attempt.Leg);
        if (attempt.Invite is { } invite)
            Write(json, invite);
        json.WriteNumber("status"u8, attempt.Status);
        if (attempt.Cause is { } cause)
            Write(json, cause);
        Flag(json, "firstForm"u8, attempt.FirstForm);
        json.WriteString("sentAt"u8, attempt.SentAt);
        Flag(json, "lives"u8, attempt.Lives);
        json.WriteStartObject("early"u8);
        foreach ((string tag, string answer) in attempt.Early)
            json.WriteString(tag, answer);
        json.WriteEndObject();
        Text(json, "agreedIn"u8, attempt.AgreedIn);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, OutgoingInviteState invite)
    {
        json.WriteStartObject("invite"u8);
        json.WriteBase64String("request"u8, invite.Request.Span);
        Flag(json, "isProceeding"u8, invite.IsProceeding);
        Flag(json, "isCancelled"u8, invite.IsCancelled);
        Text(json, "cancelReason"u8, invite.CancelReason);
        json.WriteString("reliable"u8, EnumText<ReliablePolicy>.Of((int)invite.Reliable));
        json.WriteString("timer"u8, EnumText<SessionTimerPolicy>.Of((int)invite.Timer));
        json.WriteStartArray("earlyDialogs"u8);
        foreach (EarlyDialogState early in invite.EarlyDialogs)
        {
            json.WriteStartObject();
            Write(json, early.Dialog);
            Number(json, "rSeq"u8, early.RSeq);
            json.WriteString("offers"u8, EnumText<OfferState>.Of((int)early.Offers));
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Text(Utf8JsonWriter json, ReadOnlySpan<byte> name, string? text)
    {
        if (text is not null)
            json.WriteString(name, text);
    }

    private static void Texts(Utf8JsonWriter json, ReadOnlySpan<byte> name, IReadOnlyList<string>? texts)
    {
        if (texts is null)
            return;
        json.WriteStartArray(name);
        foreach (string text in texts)
            json.WriteStringValue(text);
        json.WriteEndArray();
    }

    private static void Octets(Utf8JsonWriter json, ReadOnlySpan<byte> name, ReadOnlySpan<byte> octets)
    {
        if (!octets.IsEmpty)
            json.WriteBase64String(name, octets);
    }

    private static void Number(Utf8JsonWriter json, ReadOnlySpan<byte> name, long? number)
    {
        if (number is { } value)
            json.WriteNumber(name, value);
    }

    private static void Flag(Utf8JsonWriter json, ReadOnlySpan<byte> name, bool isSo)
    {
        if (isSo)
            json.WriteBoolean(name, true);
    }

    private static void Instant(Utf8JsonWriter json, ReadOnlySpan<byte> name, DateTime? at)
    {
        if (at is { } instant)
            json.WriteString(name, instant);
    }

    private static void Id<TId>(Utf8JsonWriter json, ReadOnlySpan<byte> name, TId id)
        where TId : struct, IEntityId<TId>
    {
        Span<byte> digits = stackalloc byte[32];
        id.Value.TryFormat(digits, out _, "N");
        json.WriteString(name, digits);
    }

    // What is rare.
    private static void Generated<T>(Utf8JsonWriter json, ReadOnlySpan<byte> name, T value, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type)
    {
        json.WritePropertyName(name);
        JsonSerializer.Serialize(json, value, type);
    }
}
