using System.Security.Cryptography;
using CloudPbx.Sip.Authentication;
using CloudPbx.State.Edges;

namespace CloudPbx.CallControl.Registrar;

/// <summary>
/// What nonces are made with: the edges' secret, so that a phone may answer an edge's challenge, or one of an earlier owner of the tenant. Until the store has given it
/// a secret of this process's own serves: phones that edges challenged are told that the nonce is stale, which costs them one more request.
/// </summary>
internal sealed partial class NonceSecret(EdgeKeyStore keys, TimeProvider time, ILogger<NonceSecret> logger) : BackgroundService
{
    private static readonly TimeSpan s_first = TimeSpan.FromSeconds(2), s_retry = TimeSpan.FromSeconds(5);

    private volatile DigestNonces _nonces = new(RandomNumberGenerator.GetBytes(EdgeKeyStore.SecretLength));
    private bool _loaded;

    /// <summary>Makes the nonces, as things are now.</summary>
    public DigestNonces Nonces => _nonces;

    /// <inheritdoc/>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        // Tenants that live here from the start should have it; but a store that is away keeps no worker from starting.
        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(s_first);
        try
        {
            await LoadAsync(patience.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            LogLater();
        }
        await base.StartAsync(cancellationToken);
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!_loaded)
        {
            await Task.Delay(s_retry, time, stoppingToken);
            await LoadAsync(stoppingToken);
        }
    }

    private async Task LoadAsync(CancellationToken cancel)
    {
        if (await keys.LoadOrCreateAsync(cancel) is not { } secret)
            return;
        _nonces = new DigestNonces(secret);
        _loaded = true;
    }

    [LoggerMessage(LogLevel.Information, "The secret of the nonces is not read yet: the store is away. Until then phones that an edge has challenged are challenged once more")]
    private partial void LogLater();
}
