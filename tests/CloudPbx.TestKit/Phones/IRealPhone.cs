namespace CloudPbx.TestKit.Phones;

/// <summary>A phone that we did not write, driven through its own remote control.</summary>
public interface IRealPhone : IAsyncDisposable
{
    /// <summary>Waits until the registrar has accepted it.</summary>
    /// <exception cref="PhoneException">Refused, or no answer in time.</exception>
    Task RegisteredAsync(CancellationToken cancel);

    /// <summary>Dials; returns once the call exists, before anyone has answered.</summary>
    /// <param name="target">A number or a SIP URI.</param>
    /// <param name="cancel">Ends the wait.</param>
    Task<IRealCall> DialAsync(string target, CancellationToken cancel);

    /// <summary>Waits for the next call that rings here.</summary>
    Task<IRealCall> IncomingAsync(CancellationToken cancel);

    /// <summary>The phone's logs, for a failure's message.</summary>
    string Logs();
}
