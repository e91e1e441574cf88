namespace CloudPbx.TestKit.Phones;

/// <summary>A call at <see cref="Baresip"/>, followed by its Call-ID.</summary>
public sealed class BaresipCall : IRealCall
{
    private static readonly TimeSpan s_soundPatience = TimeSpan.FromSeconds(15);
    private readonly Baresip _phone;
    private readonly int _mark;
    private string? _callId;

    internal BaresipCall(Baresip phone, string? callId, string peer, int mark) => (_phone, _callId, Peer, _mark) = (phone, callId, peer, mark);

    /// <inheritdoc/>
    public string Peer { get; }

    /// <summary>The SIP Call-ID at this phone; empty until the first answer to a call that it dialled.</summary>
    public string CallId => _callId ?? "";

    /// <inheritdoc/>
    public Task AnswerAsync(CancellationToken cancel) => _phone.CommandAsync("accept", "", cancel);

    /// <summary>Waits until the other side rings (180 or 183).</summary>
    public async Task RingingAsync(CancellationToken cancel)
    {
        BaresipEvent got = await NextAsync(["CALL_RINGING", "CALL_PROGRESS", "CALL_ESTABLISHED", "CALL_CLOSED"], "no answer of any kind", cancel);
        if (got.Type is not ("CALL_RINGING" or "CALL_PROGRESS")) throw _phone.Failure($"not ringing: {got.Type} {got.Parameter}");
    }

    /// <inheritdoc/>
    public async Task AnsweredAsync(CancellationToken cancel)
    {
        BaresipEvent got = await NextAsync(["CALL_ESTABLISHED", "CALL_CLOSED"], "not answered", cancel);
        if (got.Type != "CALL_ESTABLISHED") throw _phone.Failure($"not answered: {got.Parameter}");
    }

    /// <inheritdoc/>
    public Task HangUpAsync(CancellationToken cancel) => _phone.CommandAsync("hangup", "", cancel);

    /// <summary>Holds the call: a re-INVITE with sendonly (RFC 3264 §8.4).</summary>
    public Task HoldAsync(CancellationToken cancel) => _phone.CommandAsync("hold", "", cancel);

    /// <summary>Takes the held call back.</summary>
    public Task ResumeAsync(CancellationToken cancel) => _phone.CommandAsync("resume", "", cancel);

    /// <summary>Asks that another number takes this phone's place: REFER (RFC 3515).</summary>
    public Task TransferAsync(string number, CancellationToken cancel) => _phone.CommandAsync("transfer", $"sip:{number}@{_phone.Domain}", cancel);

    /// <inheritdoc/>
    public async Task<string> EndedAsync(CancellationToken cancel) => (await NextAsync(["CALL_CLOSED"], "the call is not over", cancel)).Parameter;

    /// <inheritdoc/>
    public async Task<Heard> HearAsync(TimeSpan loud, CancellationToken cancel)
    {
        Heard heard = await _phone.Recording.HearAsync(loud, _phone.Recording.Length, s_soundPatience, cancel);
        return heard.Loud >= loud ? heard : throw _phone.Failure($"heard {heard.Loud.TotalSeconds:0.0} s of sound, not {loud.TotalSeconds:0.0} s");
    }

    private async Task<BaresipEvent> NextAsync(string[] types, string failure, CancellationToken cancel)
    {
        bool Ours(BaresipEvent e) => types.Contains(e.Type) && (_callId is null || e.CallId == _callId);
        BaresipEvent got = (await _phone.Events.WaitAsync(Ours, _mark, Baresip.Patience, cancel))?.Entry ?? throw _phone.Failure(failure);
        _callId ??= got.CallId;
        return got;
    }
}
