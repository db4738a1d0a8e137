package secret

import (
	"strings"
	"testing"
)

// silent are lines of ordinary code, configuration and lock files, in which nothing is a secret. A ¦ breaks what
// another scanner might trip over.
var silent = []string{
	// references and code
	`password: ${DB_PASSWORD}`,
	`password: {{ .Values.database.password | quote }}`,
	`API_TOKEN=$(pass show ci/api-token)`,
	`set API_KEY=%VAULT_API_KEY%`,
	`const apiKey = process.env.PAYMENTS_API_KEY;`,
	`SECRET_KEY = os.environ["DJANGO_SECRET_KEY"]`,
	`token = config.get("github").get("accessToken")`,
	`String password = resolver.resolvePassword(request, context);`,
	`auth_token := strings.TrimSpace(string(tokenBytes))`,
	`client_secret = data.aws_secretsmanager_secret_version.db.secret_string`,
	`password = module.database.this_db_instance_password`,
	`secretArn: "arn:aws:secretsmanager:eu-west-1:210987654321:secret:prod/db-Xa9¦Qz3"`,
	`"password": "@Microsoft.KeyVault(SecretUri=https://acme.vault.azure.net/secrets/db/)"`,
	`api_key: op://infrastructure/payments/credential`,
	`db_password: projects/81726354/secrets/db-password/versions/latest`,
	`token: ENC[AES256_GCM,data:Zk4pW9tR2mXv,iv:q7RwZ2vNp9Lx4T8=,tag:Lm3Qy7Xs==,type:str]`,
	`spring.datasource.password={cipher}7c1f0b94e2d84a6f95b31c0de2f7a846b31c0de2f7a8467c`,
	`password = getPass("Password for the archive: ")`,
	`token: !Ref DeployTokenParameter`,
	`<property name="password" value="#{systemProperties['db.password']}"/>`,
	`if (token === TokenType.CloseBrace) { return parseBlock(); }`,
	`private final TokenStreamFactory tokenStream = new CachedTokenStreamFactory(lexer);`,
	`passwordEncoder = PasswordEncoderFactories.createDelegatingPasswordEncoder();`,
	`secretKeyRef: {name: orders-db, key: password}`,
	`accessKey: AccessKeyProvider::fromContext`,
	`func (t *TokenSource) Token() (*oauth2.Token, error) { return t.tok, nil }`,
	// names of things
	`secretName: orders-db-credentials-v2`,
	`tokenUrl: https://login.acme-shop.net/oauth2/v2.0/token`,
	`password_file: /run/secrets/orders_db_password.txt`,
	`private_key_path = "/etc/ssl/private/server-2024.key"`,
	`token_type: "urn:ietf:params:oauth:token-type:access_token"`,
	`"passwordPolicy": "minLength8RequireDigitAndSymbol"`,
	`credentialsId: 'acme-jenkins-deployer-2023'`,
	`apiKeyHeader = "X-Acme-Gateway-Authorization"`,
	`secret_id = "7c1f0b94-e2d8-4a6f-95b3-1c0de2f7a846"`,
	`.password-strength-meter { color: #3fa9f5; }`,
	`<input type="password" name="password" id="login-password-field-01" class="form-control-lg">`,
	`<label for="user_password_confirmation">Confirm your password</label>`,
	`"user.password.tooShort": "The-password-is-too-short"`,
	`Password=Wachtwoordherhaling`,
	`msgid "password" msgstr "Hasloprzegladarki"`,
	// hashes, public keys and pictures
	`token_sha256 = "7c1f0b94¦e2d84a6f95b31c0de2f7a8467c1f0b94e2d84a6f95b31c0de2f7a846"`,
	`gopass v1.15.5 h1:q7¦RwZ2vNp9Lx4TkP3vT9xQ2mLbWz7RyN4cUeHsZk4pW=`,
	`"integrity": "sha512-q7¦RwZ2vNp9Lx4TkP3vT9xQ2mLbWz7RyN4cUeHsZk4pW9tR2mXv7LqBhT7cQ2zWm8Lr5Vnt8VbQ3nYx5ZrAb=="`,
	`# token-bucket checksum: 5e1f0b94e2d84a6f95b31c0de2f7a846`,
	`secrets-action@9f1c0b94e2d84a6f95b31c0de2f7a84601c2d3e4 # v2.1.0`,
	`"password": "md5$q7RwZ2vNp9Lx$7c1f0b94e2d84a6f95b31c0de2f7a846",`,
	`publicKeyToken="b77a5c561934e089"`,
	`ssh_key: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKq7¦RwZ2vNp9Lx4TkP3vT9xQ2mLbWz7RyN4cUeHsZk4p`,
	`credential_icon = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJ"`,
	`tls_client_key_fingerprint = "3F:A9:F5:01:22:9B:C4:7D:E8:10:55:AA:3C:6E:F0:91"`,
	`trust_token: MIIDdzCCAl+gAwIBAgIEAgAAuTANBgkqhkiG9w0BAQUFADBaMQswCQYDVQQGEwJJ`,
	// placeholders, sequences and published values
	`API_KEY=your-api-key-goes-here`,
	`password: <your-database-password>`,
	`SECRET_TOKEN=xxxxxxxxxxxxxxxxxxxxxxxx`,
	`client_secret: "REPLACE_WITH_CLIENT_SECRET"`,
	`token = "abcdefghijklmnopqrstuvwxyz0123456789"`,
	`api_key = "a1b2c3d4e5f6a7b8c9d0e1f2"`,
	`password = "qwertyuiop1234567890"`,
	`secret_key = "0123456789abcdef0123456789abcdef"`,
	`postgres_password: postgres_local_dev_password`,
	`aws_secret_access_key = wJalrXUtn¦FEMI/K7MDENG/bPxRfiCYEXAMPLEKEY`,
	`admin_password = "Sup3rS3cretP@ssw0rd"`,
	`data: {password: c3VwZXItc2VjcmV0LXBhc3N3b3Jk}`,
	`totp_secret = JBSWY3DPEHPK3PXP`,
	"kind: Secret\ndata:\n  tls.crt: LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCk1JSURkekNDQWwrZ0F3SUJBZ0lFQWdBQXVUQU5CZ2txaGtpRzl3MEJBUVVGQURCYU1Rc3dDUVlEVlFRR0V3SkoKLS0tLS1FTkQgQ0VSVElGSUNBVEUtLS0tLQo=\n  user: YWRtaW4=",
	// text
	`The token, a 20-character-identifier, is sent with each request.`,
	`Set the password: it-must-be-changed-on-first-login, then log in again.`,
	`token expires 2031-12-24T18:30:00Z`,
	`nextPageToken: "CAoQAhoGCLbWz7RyN4cUeHsZk4"`,
	`<input type="hidden" name="csrf_token" value="q7¦RwZ2vNp9Lx4TkP3vT9xQ2mLbWz7RyN">`,
}

// TestSilentOnOrdinaryText holds what makes people switch a scanner off.
func TestSilentOnOrdinaryText(t *testing.T) {
	e := builtinEngine(t)
	for _, line := range silent {
		for _, f := range lookAt(e, "service/app.txt", "\n"+strings.ReplaceAll(line, breakMark, "")+"\n").Findings {
			t.Errorf("%s: %s finds %q", line, f.Rule, f.Properties.(Properties).Value.Reveal())
		}
	}
}

// loud are lines with a secret, which is made up: it stands between the first and the last ¦, and another breaks
// it so that no scanner trips over this file.
var loud = []string{
	`db_password = "¦q7RwZ2v¦Np9Lx4T¦"`,
	`db_password: ¦q7RwZ2v¦Np9Lx4T¦`,
	`"db_password": "¦q7RwZ2v¦Np9Lx4T¦",`,
	`'db_password' => '¦q7RwZ2v¦Np9Lx4T¦',`,
	`export DB_PASSWORD=¦q7RwZ2v¦Np9Lx4T¦`,
	`export DB_PASSWORD='¦q7Rw#Z2v¦!Np9Lx4T¦'`,
	`password := "¦q7RwZ2v¦Np9Lx4T¦"`,
	`var token string = "¦kP3vT9xQ2m¦LbWz7RyN4c¦"`,
	`const token: string = '¦kP3vT9xQ2m¦LbWz7RyN4c¦';`,
	`let api_key: &'static str = "¦kP3vT9xQ2m¦LbWz7RyN4c¦";`,
	`private static final String SECRET_KEY = "¦kP3vT9xQ2m¦LbWz7RyN4c¦";`,
	`val apiToken: String = "¦kP3vT9xQ2m¦LbWz7RyN4c¦"`,
	`NSString *secretKey = @"¦kP3vT9xQ2m¦LbWz7RyN4c¦";`,
	`char secret_key[] = "¦kP3vT9xQ2m¦LbWz7RyN4c¦";`,
	`$apiKey = '¦kP3vT9xQ2m¦LbWz7RyN4c¦';`,
	`@auth_token = "¦kP3vT9xQ2m¦LbWz7RyN4c¦"`,
	`config["api_key"] = "¦kP3vT9xQ2m¦LbWz7RyN4c¦"`,
	`client.setPassword("¦q7RwZ2v¦Np9Lx4T¦");`,
	`.withApiKey("¦kP3vT9xQ2m¦LbWz7RyN4c¦")`,
	`os.Setenv("API_TOKEN", "¦kP3vT9xQ2m¦LbWz7RyN4c¦")`,
	`define('SECURE_AUTH_KEY', '¦kP3vT9xQ2m¦LbWz7RyN4c¦');`,
	`props.put("trust.password", "¦q7RwZ2v¦Np9Lx4T¦");`,
	`key := os.Getenv("X"); secret := []byte("¦kP3vT9xQ2m¦LbWz7RyN4c¦")`,
	`<password>¦q7RwZ2v¦Np9Lx4T¦</password>`,
	`<add key="ApiSecret" value="¦kP3vT9xQ2m¦LbWz7RyN4c¦" />`,
	`<property name="hibernate.password" value="¦q7RwZ2v¦Np9Lx4T¦"/>`,
	`<connection password="¦q7RwZ2v¦Np9Lx4T¦" user="svc"/>`,
	`deploy --api-token ¦kP3vT9xQ2m¦LbWz7RyN4c¦ --region eu`,
	`deploy --api-token=¦kP3vT9xQ2m¦LbWz7RyN4c¦ --region eu`,
	`ENV API_TOKEN ¦kP3vT9xQ2m¦LbWz7RyN4c¦`,
	`ARG SIGNING_KEY=¦kP3vT9xQ2m¦LbWz7RyN4c¦`,
	`helm upgrade app . --set auth.secret=¦kP3vT9xQ2m¦LbWz7RyN4c¦`,
	`X-Acme-Token: ¦7c1f0b94e2d84a6f¦95b31c0de2f7a846¦`,
	`signing_key = "¦7c1f0b94e2d84a6f95b31c0d¦e2f7a8467c1f0b91e2d84a6f¦"`,
	`encryption-key: ¦Zk4pW9tR2mXv7LqBhT7cQ2¦zWm8Lr5Vnt8VbQ3nYx5Zr=¦`,
	`  secretAccessToken: ¦Zk4pW9tR2m/v7LqBhT7c¦Q2zWm8Lr5Vnt8VbQ3+Yx¦`,
	`{"user":"svc","passphrase":"¦hT7cQ2¦zWm8Lr¦"}`,
	`{\"user\":\"svc\",\"password\":\"¦hT7cQ2¦zWm8Lr¦\"}`,
	`webhook_secret=¦t8VbQ3nY¦x5ZrLbWz¦;retries=3`,
	`export KMS_SECRET_KEY=¦orders-key:Zk4pW9tR2mXv7LqBhT7cQ2¦zWm8Lr5Vnt8VbQ3nYx5ZrA=¦`,
	`ServerSideEncryptionCustomerKey: "¦Zk4pW9tR2mXv7LqBhT7cQ2¦zWm8Lr5Vnt8VbQ3nYx5ZrA=¦",`,
	"kind: Secret\ndata:\n  user: YWRtaW4=\n  signing: ¦cTdSd1oydk5w¦OUx4NFRrUDN2VDl4¦",
	`jwt-key: "¦u9#Kd2$mV¦q8@Zr5^Tn¦"`,
	`refresh_token = ¦1kP3vT9xQ2mLbWz7RyN4cU¦eHsZk4pW9tR2mXv7LqBhT7c¦`,
	`SESSION_SECRET=¦b31c0de2f7a8467c¦1f0b94e2d84a6f95¦ # rotated`,
	`acme_service_credential: prod_¦kP3vT9xQ2m¦LbWz7RyN4c¦`,
	`data: {password: ¦cTdSd1oydk¦5wOUx4NFQ=¦}`,
}

// TestFindsAssignedSecrets holds that being quiet does not mean being blind.
func TestFindsAssignedSecrets(t *testing.T) {
	e := builtinEngine(t)
	for _, line := range loud {
		secret := strings.ReplaceAll(line[strings.Index(line, breakMark):strings.LastIndex(line, breakMark)], breakMark, "")
		text := "\n" + strings.ReplaceAll(line, breakMark, "") + "\n"
		found := false
		for _, f := range lookAt(e, "service/app.txt", text).Findings {
			found = found || strings.HasSuffix(f.Properties.(Properties).Value.Reveal(), secret)
		}
		if !found {
			t.Errorf("not found: %s", line)
		}
	}
}

func builtinEngine(t testing.TB) *Engine {
	t.Helper()
	c, err := Builtin()
	if err != nil {
		t.Fatal(err)
	}
	e, err := New(c, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return e
}
