namespace CloudPbx.Portal.SignUp;

/// <summary>What a circuit knows of the phone that its user's sign-up made.</summary>
public interface IFirstPhone
{
    /// <summary>The phone's password, as long as it is kept.</summary>
    /// <param name="extension">The phone's extension.</param>
    /// <param name="cancel">Stops the reading.</param>
    /// <returns>The password, or <see langword="null"/>: it belongs to somebody else, or was forgotten.</returns>
    ValueTask<string?> SecretOfAsync(string extension, CancellationToken cancel);
}
