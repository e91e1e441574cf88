namespace CloudPbx.TestKit.Phones;

/// <summary>A call at a phone that we did not write. Every wait has a deadline and fails with the phone's logs.</summary>
public interface IRealCall
{
    /// <summary>The other party as the phone shows it.</summary>
    string Peer { get; }

    /// <summary>Accepts a call that rings.</summary>
    Task AnswerAsync(CancellationToken cancel);

    /// <summary>Waits until the call is established.</summary>
    Task AnsweredAsync(CancellationToken cancel);

    /// <summary>Ends, declines or cancels the call, whatever its state asks for.</summary>
    Task HangUpAsync(CancellationToken cancel);

    /// <summary>Waits until the call is over.</summary>
    /// <returns>The reason as the phone names it; empty where it names none.</returns>
    Task<string> EndedAsync(CancellationToken cancel);

    /// <summary>Waits until so much sound has come from the other party, from now on, and says which.</summary>
    Task<Heard> HearAsync(TimeSpan loud, CancellationToken cancel);
}
