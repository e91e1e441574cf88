using System.Text.RegularExpressions;

namespace CloudPbx.TestKit.Phones;

/// <summary>A call at <see cref="Linphone"/>, followed by the number that its console gave it.</summary>
public sealed class LinphoneCall : IRealCall
{
    private static readonly TimeSpan s_soundPatience = TimeSpan.FromSeconds(15);
    private readonly Linphone _phone;
    private readonly string _id;
    private readonly int _mark;

    internal LinphoneCall(Linphone phone, string id, string peer, int mark) => (_phone, _id, Peer, _mark) = (phone, id, peer, mark);

    /// <inheritdoc/>
    public string Peer { get; }

    /// <inheritdoc/>
    public Task AnswerAsync(CancellationToken cancel) => _phone.CommandAsync($"answer {_id}", cancel);

    /// <inheritdoc/>
    public async Task AnsweredAsync(CancellationToken cancel)
    {
        (Match line, _) = await _phone.NextAsync(Lines("(connected|ended|error)"), _mark, "not answered", cancel);
        if (line.Groups[1].Value != "connected") throw _phone.Failure($"not answered: {line.Value}");
    }

    /// <inheritdoc/>
    public Task HangUpAsync(CancellationToken cancel) => _phone.CommandAsync($"terminate {_id}", cancel);

    /// <summary>Holds the call: a re-INVITE with sendonly (RFC 3264 §8.4).</summary>
    public async Task HoldAsync(CancellationToken cancel)
    {
        int mark = _phone.Mark;
        await _phone.CommandAsync("pause", cancel);
        await _phone.NextAsync(Lines("is now paused"), mark, "not held", cancel);
    }

    /// <summary>Takes the held call back.</summary>
    public async Task ResumeAsync(CancellationToken cancel)
    {
        int mark = _phone.Mark;
        await _phone.CommandAsync("resume", cancel);
        await _phone.NextAsync(new Regex($@"Media streams established with .+ for call {_id}\b"), mark, "not resumed", cancel);
    }

    /// <inheritdoc/>
    public async Task<string> EndedAsync(CancellationToken cancel)
    {
        (Match line, _) = await _phone.NextAsync(Lines(@"(?:ended \((.*)\)|error)"), _mark, "the call is not over", cancel);
        return line.Groups[1].Value;
    }

    /// <inheritdoc/>
    public async Task<Heard> HearAsync(TimeSpan loud, CancellationToken cancel)
    {
        Heard heard = await _phone.Recording.HearAsync(loud, _phone.Recording.Length, s_soundPatience, cancel);
        return heard.Loud >= loud ? heard : throw _phone.Failure($"heard {heard.Loud.TotalSeconds:0.0} s of sound, not {loud.TotalSeconds:0.0} s");
    }

    private Regex Lines(string what) => new($@"\bCall {_id} with .+ {what}");
}
