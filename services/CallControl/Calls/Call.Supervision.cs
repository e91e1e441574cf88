using CloudPbx.CallControl.Calls.Snapshots;
using CloudPbx.Contracts.Events;
using CloudPbx.Contracts.Ids;
using CloudPbx.Contracts.Live;
using CloudPbx.Grains;
using CloudPbx.MediaControl;
using SupervisionMode = CloudPbx.Contracts.Live.SupervisionMode;

namespace CloudPbx.CallControl.Calls;

/// <summary>Supervision: a call whose only party hears another call, and speaks into it as its mode says. It ends with that call.</summary>
internal sealed partial class Call
{
    private Supervision? _supervision;

    /// <summary>The call that this one supervises; null for every other call.</summary>
    public CallId? Supervises => _supervision?.Call;

    /// <summary>Whether two parties talk in it, so that somebody can listen.</summary>
    public bool IsConversation => IsTalking && _callee is { Dialog.IsEnded: false, HasMedia: true };

    /// <summary>Who is whispered to where nobody says: the tenant's own party, the callee where both are.</summary>
    public CallParty Helped => _callee is { Carrier: null } || _caller.Carrier is not null ? CallParty.Callee : CallParty.Caller;

    /// <summary>Changes who hears the supervisor.</summary>
    /// <param name="mode">The mode; null: the supervision ends.</param>
    public async Task<CallActionAnswer> ChangeSupervisionAsync(SupervisionMode? mode)
    {
        if (_supervision is not { } supervision)
            return CallActionAnswer.NoCall;
        if (mode is not { } wished)
        {
            Release(ReleaseCause.Operator);
            return CallActionAnswer.Done;
        }
        _supervision = supervision with { Mode = wished };
        Changed();
        // While the supervisor's phone rings there is nothing to change yet.
        return !IsTalking || await SuperviseAsync() is not { } fault ? CallActionAnswer.Done : IsOfCodec(fault) ? CallActionAnswer.NotDecodable : CallActionAnswer.MediaAway;
    }

    /// <summary>The parties of the supervised call are others now: the media node separated the supervisor with those that were.</summary>
    public async Task SuperviseAgainAsync()
    {
        if (IsTalking && await SuperviseAsync() is not null)
            Release(ReleaseCause.Normal);
    }

    private async Task BeginSupervisionAsync(Supervision supervision)
    {
        if (await SuperviseAsync() is { } fault)
        {
            ReleaseCause cause = IsOfCodec(fault) ? ReleaseCause.Sip(488, fault) : ReleaseCause.Sip(480, "Nobody talks any more");
            Refuse(IsOfCodec(fault) ? 488 : 480, cause);
            await LetHearAsync(_caller, "cannot-connect");
            HangUp(_caller, cause);
            return;
        }
        LogSupervised(Id.ToString(), supervision.Call.ToString(), supervision.Mode);
        AnsweredBy(Record.CalledNumber);
        await TalkAsync();
    }

    /// <returns>Null where it is so; else why not.</returns>
    private async Task<string?> SuperviseAsync()
    {
        string? fault = await AskToSuperviseAsync();
        if (fault is not null && IsOfCodec(fault) && _supervision is { } supervision && _tenant.Calls.Find(supervision.Call) is { } call && await call.ChangeCodecAsync())
            fault = await AskToSuperviseAsync();
        return fault;
    }

    private async Task<string?> AskToSuperviseAsync() =>
        _supervision is { } supervision && _tenant.Calls.Find(supervision.Call) is { IsConversation: true } call
            ? await Media.SuperviseAsync(_caller.Media, call.PartyOf(supervision.Party)!.Media, (MediaControl.SupervisionMode)supervision.Mode, _over.Token)
            : LegFaults.NotTalking;

    /// <summary>Another owner's supervisor: the media node has it where it was, unless the call ended meanwhile.</summary>
    private void CheckSupervision()
    {
        if (_supervision is { } supervision && _tenant.Calls.Find(supervision.Call) is null)
            Release(ReleaseCause.Normal);
    }

    [LoggerMessage(LogLevel.Information, "Call {CallId} supervises call {Supervised}: {Mode}")]
    private partial void LogSupervised(string callId, string supervised, SupervisionMode mode);
}
