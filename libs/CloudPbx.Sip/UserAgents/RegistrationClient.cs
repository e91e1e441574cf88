namespace CloudPbx.Sip.UserAgents;

/// <summary>Keeps one binding at a registrar (RFC 3261 §10.2): registers, answers challenges, refreshes, retries, unregisters.</summary>
/// <remarks>Used on the owner's thread.</remarks>
public sealed class RegistrationClient
{
    /// <summary>Creates a client that does nothing yet.</summary>
    /// <param name="layer">The layer that it sends through.</param>
    /// <param name="options">What it registers.</param>
    public RegistrationClient(UserAgentLayer layer, RegistrationOptions options) => throw new NotImplementedException();

    /// <summary>Raised after each attempt.</summary>
    public event Action<RegistrationClient>? Changed;

    /// <summary>Gets where it stands.</summary>
    public RegistrationState State => throw new NotImplementedException();

    /// <summary>Registers now, and goes on refreshing and retrying until <see cref="UnregisterAsync"/>.</summary>
    /// <returns>The state after this attempt; never fails.</returns>
    public Task<RegistrationState> RegisterAsync() => throw new NotImplementedException();

    /// <summary>Removes the binding and stops.</summary>
    /// <returns>The state after this attempt; never fails.</returns>
    public Task<RegistrationState> UnregisterAsync() => throw new NotImplementedException();

    /// <summary>Stops without a word to the registrar.</summary>
    public void Stop() => Changed?.Invoke(this);
}
