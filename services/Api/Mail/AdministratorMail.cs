using CloudPbx.Contracts.Identity;
using CloudPbx.Contracts.Ids;
using CloudPbx.Data.Users;

namespace CloudPbx.Api.Mail;

/// <summary>Mail to those who answer for a tenant.</summary>
internal static class AdministratorMail
{
    private const int MostAdministrators = 200;
    private const int PageSize = 200;

    /// <summary>Sends a text to each of a tenant's administrators who may sign in.</summary>
    /// <param name="mailer">Sends it.</param>
    /// <param name="users">Knows the administrators.</param>
    /// <param name="tenant">Whose.</param>
    /// <param name="subject">One line.</param>
    /// <param name="text">The text.</param>
    /// <param name="cancel">Stops it.</param>
    /// <returns>How many mails the server took.</returns>
    public static async Task<int> SendToAdministratorsAsync(this IMailer mailer, UserDirectory users, TenantId tenant, string subject, string text, CancellationToken cancel)
    {
        int sent = 0;
        string? after = null;
        for (int asked = 0; asked < MostAdministrators;)
        {
            // Administrators stand among all of a tenant's people, of whom there may be thousands.
            IReadOnlyList<GlobalUser> page = await users.ListAsync(UserOwner.Of(tenant), after, PageSize, cancel);
            foreach (GlobalUser user in page)
            {
                if (user is not { Role: UserRole.Administrator, Enabled: true, Email: { } address })
                    continue;
                asked++;
                if (await mailer.TrySendAsync(address, subject, text, cancel))
                    sent++;
            }
            if (page.Count < PageSize)
                break;
            after = page[^1].UserName;
        }
        return sent;
    }
}
