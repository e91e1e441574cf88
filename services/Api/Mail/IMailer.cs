namespace CloudPbx.Api.Mail;

/// <summary>Sends mail.</summary>
internal interface IMailer
{
    /// <summary>Whether there is a server to send by.</summary>
    bool IsConfigured { get; }

    /// <summary>Sends a text.</summary>
    /// <param name="to">The recipient's address, checked before.</param>
    /// <param name="subject">One line.</param>
    /// <param name="text">The text.</param>
    /// <param name="cancel">Stops it.</param>
    /// <returns>Whether the server took it.</returns>
    Task<bool> TrySendAsync(string to, string subject, string text, CancellationToken cancel);
}
