namespace CloudPbx.Api.SignUps;

/// <summary>The mail to who signs up, in their language.</summary>
internal static class SignUpMail
{
    /// <summary>Writes it.</summary>
    /// <param name="language">BCP 47.</param>
    /// <param name="company">The company, as it was typed.</param>
    /// <param name="link">The link; <see langword="null"/> where the address signs in here already.</param>
    /// <param name="address">The platform's address.</param>
    public static (string Subject, string Text) Write(string language, string company, string? link, string address)
    {
        bool chinese = language.StartsWith("zh", StringComparison.OrdinalIgnoreCase);
        string name = string.Concat(company.Where(c => !char.IsControl(c)));
        if (link is null)
        {
            return chinese
                ? ("您已有 CloudPbx 账户", $"有人用此邮箱地址为“{name}”注册 CloudPbx，但此地址已有账户。\n\n登录：{address}/account\n\n如果不是您本人，请忽略此邮件。\n")
                : ("You have a CloudPbx account", $"Somebody signed up for CloudPbx as \"{name}\" with this mail address, which has an account already.\n\nSign in: {address}/account\n\nIf it was not you, ignore this mail.\n");
        }
        return chinese
            ? ("确认您的 CloudPbx 注册", $"请打开此链接，完成“{name}”的注册：\n\n{link}\n\n如果不是您本人，请忽略此邮件。\n")
            : ("Confirm your CloudPbx sign-up", $"Open this link to complete the sign-up of \"{name}\":\n\n{link}\n\nIf it was not you, ignore this mail.\n");
    }
}
