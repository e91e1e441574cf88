using CloudPbx.Data.Users;
using CloudPbx.Hosting.Web.Addresses;
using CloudPbx.Identity.Users;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace CloudPbx.Identity.Seeding;

/// <summary>Makes the operator of a new installation and, as long as they have no password, a link by which they choose one.</summary>
internal sealed partial class FirstOperator(
    IServiceScopeFactory scopes, OneTimeLinks links, PublicUrl publicUrl, IOptions<IdentityOptions> options, TimeProvider time, ILogger<FirstOperator> logger) : IHostedService
{
    /// <summary>The link, when there is nobody yet who could sign in. A secret: it is shown once, where the installation is started.</summary>
    public string? Link { get; private set; }

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await using AsyncServiceScope scope = scopes.CreateAsyncScope();
        UserManager<GlobalUser> users = scope.ServiceProvider.GetRequiredService<UserManager<GlobalUser>>();
        GlobalUser? first = await users.FindByNameAsync(NewAccounts.OperatorName);
        if (first is null)
        {
            first = NewAccounts.Operator(time.GetUtcNow().UtcDateTime);
            IdentityResult made = await users.CreateAsync(first);
            if (!made.Succeeded)
                throw new InvalidOperationException($"The first operator could not be made: {string.Join(" ", made.Errors.Select(e => e.Description))}");
        }
        if (options.Value.FirstLinkFile is { } old)
            File.Delete(old);
        if (first.PasswordHash is not null)
            return;
        Link = publicUrl.At(OneTimeLinks.Path + await links.CreateAsync(first.Id, TimeSpan.FromHours(options.Value.LinkHours), cancellationToken));
        if (options.Value.FirstLinkFile is { } file)
            CloudPbx.Hosting.SecretFile.ReadOrCreate(file, () => Link);
        else
            LogFirst();
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(LogLevel.Warning, "The operator has no password yet. Set Identity:FirstLinkFile to a file that gets a link for choosing one, and start again.")]
    private partial void LogFirst();
}
