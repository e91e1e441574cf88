using System.Collections.Concurrent;
using CloudPbx.Api.Mail;

namespace CloudPbx.Api.Tests.Hosting;

/// <summary>Keeps what is sent.</summary>
internal sealed class FakeMailer : IMailer
{
    public ConcurrentQueue<(string To, string Subject, string Text)> Sent { get; } = new();

    public bool IsConfigured { get; set; } = true;

    public Task<bool> TrySendAsync(string to, string subject, string text, CancellationToken cancel)
    {
        Sent.Enqueue((to, subject, text));
        return Task.FromResult(true);
    }
}
